// Edit where you read. A place is a table cell or the dd of a record field; the server draws both its value and its editor.
import { away } from './away.js';
import { get, post, signedOut, swap } from './net.js';
import { failure } from './toast.js';

const PLACE = '[data-edit-place], td, dd';
const before = new WeakMap();

const form = place => place.querySelector('form[data-inline-editor]');
// An empty list of lines has nothing but its button.
const field = place => place.querySelector('input:not([type="hidden"]), select, textarea') ?? place.querySelector('form button');

// Address of a place's editor: its own data-edit-url, or the row's own address joined with the column's data-inline.
function address(place) {
	const own = place.matches('[data-edit-url]') ? place : place.querySelector('[data-edit-url]');
	if (own) return own.dataset.editUrl;
	const base = place.closest('tr[data-row]')?.querySelector('.primary a')?.pathname;
	const column = place.closest('table')?.tHead?.rows[0]?.cells[place.cellIndex]?.dataset.inline;
	return base && column ? `${base}field/${column}/` : null;
}

export async function edit(element, row = null) {
	let place = element?.closest(PLACE);
	if ((!place || !address(place)) && row) place = [...row.querySelectorAll(PLACE)].find(address);
	const url = place && address(place);
	if (!url || form(place)) return;
	const response = await get(url).catch(() => null);
	if (!response?.ok) return failure(response?.status === 403 ? 'Forbidden' : 'Failed', () => edit(place));
	if (signedOut(response)) return;
	before.set(place, [...place.childNodes].map(node => node.cloneNode(true)));
	hold(place, true);
	swap(place, await response.text());
	focusField(place);
}

// A column keeps its width while one of its cells is edited.
function hold(place, held) {
	if (!place.matches('td')) return;
	for (const name of ['width', 'min-width']) {
		if (held) place.style.setProperty(name, `${place.offsetWidth}px`);
		else place.style.removeProperty(name);
	}
}

function focusField(place) {
	const control = field(place);
	control?.focus();
	control?.select?.();
}

async function save(place, next = null, button = null) {
	const editor = form(place);
	if (!editor || place.hasAttribute('aria-busy')) return;
	place.setAttribute('aria-busy', 'true');
	const response = await post(editor.action, new FormData(editor, button)).catch(() => null);
	place.removeAttribute('aria-busy');
	if (!response || response.status >= 500) return failure('Failed', () => save(place, next));
	if (away(response)) return;
	if (response.status === 403 || response.status === 404) return restore(place), failure('Forbidden');
	const text = await response.text(), isHere = hasFocus(place);
	swap(place, text);
	if (form(place)) return isHere && focusField(place);
	before.delete(place);
	hold(place, false);
	window.htmx.process(place);
	if (next) edit(next);
	else if (isHere) focusValue(place);
}

// Whoever writes elsewhere by now goes on there.
const hasFocus = place => document.activeElement === document.body || place.contains(document.activeElement);

function restore(place) {
	const isHere = hasFocus(place);
	hold(place, false);
	place.replaceChildren(...(before.get(place) ?? []));
	before.delete(place);
	window.htmx.process(place);
	if (isHere) focusValue(place);
}

function focusValue(place) {
	(place.querySelector('[data-edit-url]') ?? focusable(place)).focus({ preventScroll: true });
}

function focusable(place) {
	if (!place.hasAttribute('tabindex')) place.tabIndex = -1;
	return place;
}

function neighbour(place, step) {
	const scope = place.closest('table, dl, main') ?? document;
	const all = [...scope.querySelectorAll(PLACE)].filter(other => other === place || address(other));
	return all[all.indexOf(place) + step] ?? null;
}

// Whether Tab stays among the controls of an editor that has several.
function inside(event) {
	const all = [...form(placeOf(event.target)).querySelectorAll(':is(input:not([type="hidden"]), select, textarea, button):not([tabindex="-1"])')];
	return all.at(event.shiftKey ? 0 : -1) !== event.target;
}

const placeOf = element => element?.closest?.('form[data-inline-editor]')?.closest(PLACE);
const changed = editor => [...editor.elements].some(control => (control.type === 'checkbox' ? control.checked !== control.defaultChecked
	: control.tagName === 'SELECT' ? [...control.options].some(option => option.selected !== option.defaultSelected)
	: control.value !== control.defaultValue));

document.addEventListener('click', event => {
	if (event.target.closest('[data-cancel-edit]')) return restore(placeOf(event.target));
	if (event.target.closest('a, input, select, textarea, label, form')) return;
	const value = event.target.closest('[data-edit-url]');
	if (value) return edit(value);
	const cell = event.target.closest('tr[data-row] > td');
	if (cell && address(cell) && !String(getSelection())) edit(cell);
});

document.addEventListener('keydown', event => {
	const place = placeOf(event.target);
	if (!place || event.defaultPrevented || event.isComposing) return;
	const many = event.target.matches('textarea') && !event.ctrlKey && !event.metaKey;
	const keys = {
		Enter: many || event.target.matches('button') ? null : () => save(place),
		Tab: inside(event) ? null : () => save(place, neighbour(place, event.shiftKey ? -1 : 1)),
		Escape: () => restore(place),
	};
	if (!keys[event.key]) return;
	event.preventDefault();
	event.stopPropagation();
	keys[event.key]();
}, false);

document.addEventListener('submit', event => {
	const place = placeOf(event.target.elements?.[0] ?? event.target);
	if (!place) return;
	event.preventDefault();
	save(place, null, event.submitter);
});

// Leaving an editor keeps what was typed.
document.addEventListener('focusout', event => {
	const place = placeOf(event.target);
	if (!place) return;
	setTimeout(() => {
		const editor = form(place);
		if (!editor || !document.hasFocus() || document.querySelector('#signed-out[open]') || editor.contains(document.activeElement) || place.hasAttribute('aria-busy')) return;
		if (editor.querySelector('[aria-invalid="true"]')) return;
		if (changed(editor)) save(place);
		else restore(place);
	}, 0);
});
