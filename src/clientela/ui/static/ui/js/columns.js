// The column chooser (order, width, add, remove) and the widths one drags in the table's head.
import { draggable } from './drag.js';
import { post } from './net.js';
import { failure } from './toast.js';

const ROW = '.column-order > [data-column]';
const SMALLEST = 48;
const STEP = 16;

const list = row => row.closest('.column-order');
const chooser = element => element.closest('.column-chooser');

draggable(`${ROW} [data-grip]`, {
	start: grip => grip.closest(ROW),
	move(row, event) {
		const others = [...list(row).querySelectorAll('[data-column]:not([data-fixed])')].filter(other => other !== row);
		const next = others.find(other => event.clientY < other.getBoundingClientRect().top + other.offsetHeight / 2);
		list(row).insertBefore(row, next ?? null);
		row.style.setProperty('--drag-y', '0px');
		row.style.setProperty('--drag-x', '0px');
	},
	drop: changed,
	cancel: changed,
});

function changed(element) {
	element.dispatchEvent(new Event('change', { bubbles: true }));
}

document.addEventListener('keydown', event => {
	const row = event.target.closest(`${ROW} [data-grip]`)?.closest(ROW);
	if (!row || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
	event.preventDefault();
	const other = event.key === 'ArrowUp' ? row.previousElementSibling : row.nextElementSibling;
	if (!other || other.hasAttribute('data-fixed')) return;
	if (event.key === 'ArrowUp') other.before(row);
	else other.after(row);
	event.target.focus();
	changed(row);
});

document.addEventListener('click', event => {
	const remove = event.target.closest(`${ROW} [data-remove-column]`);
	const add = event.target.closest('[data-add-column]');
	if (remove) return removeColumn(remove.closest(ROW));
	if (add) addColumn(add);
});

function removeColumn(row) {
	const button = chooser(row).querySelector(`[data-add-column="${CSS.escape(row.dataset.column)}"]`);
	if (button) show(button, false);
	const near = row.nextElementSibling ?? row.previousElementSibling;
	row.remove();
	near?.querySelector('button')?.focus();
	changed(near ?? button);
}

// <template data-column-template> holds a row with __name__ and __label__ where the field's go.
function addColumn(button) {
	const pane = chooser(button);
	const row = pane.querySelector('template[data-column-template]').content.firstElementChild.cloneNode(true);
	fill(row, { __name__: button.dataset.addColumn, __label__: button.dataset.label });
	pane.querySelector('.column-order').append(row);
	show(button, true);
	row.scrollIntoView({ block: 'nearest' });
	changed(row);
}

function fill(root, words) {
	const filled = text => Object.entries(words).reduce((so, [word, value]) => so.replaceAll(word, value), text);
	for (const element of [root, ...root.querySelectorAll('*')]) {
		for (const attribute of element.attributes) attribute.value = filled(attribute.value);
		for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) node.data = filled(node.data);
	}
}

function show(button, added) {
	button.hidden = added;
	button.closest('li')?.toggleAttribute('data-added', added);
}

// Search among the fields one may add.
document.addEventListener('input', event => {
	if (!event.target.matches('[data-field-search]')) return;
	const wanted = event.target.value.toLowerCase();
	for (const item of chooser(event.target).querySelectorAll('.field-tree li')) {
		item.hidden = !item.textContent.toLowerCase().includes(wanted);
	}
	if (wanted) for (const group of chooser(event.target).querySelectorAll('.field-tree details')) group.open = true;
});

// Widths in the head: [data-resize=pixels] inside th[data-sorts=field]; table[data-width-url] keeps them.
function name(handle) {
	const head = handle.closest('th');
	const label = head.textContent.trim();
	const said = handle.closest('table').dataset.widthLabel ?? '__label__';
	handle.setAttribute('role', 'separator');
	handle.setAttribute('aria-orientation', 'vertical');
	handle.setAttribute('aria-valuenow', handle.dataset.resize);
	handle.setAttribute('aria-label', said.replace('__label__', label));
	handle.tabIndex = 0;
}

const nameAll = () => document.querySelectorAll('[data-resize]:not([role])').forEach(name);
document.addEventListener('htmx:afterSettle', nameAll);
nameAll();

document.addEventListener('pointerdown', event => {
	const handle = event.target.closest('[data-resize]');
	if (!handle) return;
	event.preventDefault();
	const head = handle.closest('th');
	const start = head.offsetWidth - event.clientX;
	const ends = new AbortController();
	document.addEventListener('pointermove', moved => setWidth(head, start + moved.clientX), { signal: ends.signal });
	document.addEventListener('pointerup', () => {
		ends.abort();
		keep(handle, head);
	}, { signal: ends.signal });
});

document.addEventListener('keydown', event => {
	const handle = event.target.closest('[data-resize]');
	const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
	if (!handle || !step) return;
	event.preventDefault();
	setWidth(handle.closest('th'), handle.closest('th').offsetWidth + step);
	keep(handle, handle.closest('th'));
});

function setWidth(head, width) {
	const kept = Math.max(SMALLEST, Math.round(width));
	for (const name of ['width', 'min-width', 'max-width']) head.style.setProperty(name, `${kept}px`);
}

async function keep(handle, head) {
	const url = handle.closest('table').dataset.widthUrl;
	if (!url) return;
	const response = await post(url, { column: head.dataset.sorts, width: head.offsetWidth }).catch(() => null);
	if (!response?.ok) failure('Failed', () => keep(handle, head));
}
