// The grid of a role: arrows move, 0 to 5 choose how far a right reaches, Enter opens the choices.
import { openFrom } from './dialog.js';

const grid = () => document.querySelector('[data-rights]');
const menu = () => document.getElementById('scope-menu');
let current = '';

const cells = row => [...row.querySelectorAll('[data-cell]')];
const rows = () => [...grid().querySelectorAll('tr')].filter(row => cells(row).length);

// One cell at a time is the grid's place for the focus.
function settle() {
	if (!grid()) return;
	const all = rows().flatMap(cells);
	const here = all.find(cell => cell.id === current) ?? all[0];
	for (const cell of all) cell.tabIndex = cell === here ? 0 : -1;
}

function go(cell) {
	if (!cell) return;
	current = cell.id;
	settle();
	cell.focus();
	cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

const inputOf = cell => cell.parentElement.querySelector('input[type="hidden"]');

function keep(input, value) {
	input.value = value;
	input.dispatchEvent(new Event('change', { bubbles: true }));
}

function choose(cell, level) {
	if (!cell.dataset.levels?.split(' ').includes(level)) return;
	const word = ['none', 'own', 'team', 'team_below', 'all'][level];
	if (word) keep(inputOf(cell), JSON.stringify(word));
	else build(cell);
}

const withValue = (url, cell) => `${url}?value=${encodeURIComponent(inputOf(cell).value)}`;
const build = cell => openFrom(withValue(cell.dataset.builderUrl, cell));

function open(cell) {
	current = cell.id;
	settle();
	menu().replaceChildren();
	menu().showPopover({ source: cell });
	cell.setAttribute('aria-expanded', 'true');
	window.htmx.ajax('GET', withValue(cell.dataset.menuUrl, cell), { target: menu(), swap: 'innerHTML' });
}

document.addEventListener('click', event => {
	const toggle = event.target.closest('[data-rights] button.row-toggle');
	const cell = event.target.closest('[data-rights] .scope');
	const choice = event.target.closest('#scope-menu button');
	const forget = event.target.closest('[data-forget]');
	const edit = event.target.closest('[data-edit-cell]');
	if (toggle) unfold(toggle);
	if (cell) open(cell);
	if (edit) build(document.getElementById(edit.dataset.editCell));
	if (choice) take(choice);
	if (forget) {
		const form = forget.form;
		forget.closest('li').remove();
		form.dispatchEvent(new Event('change'));
	}
});

function unfold(toggle) {
	const closed = toggle.getAttribute('aria-expanded') !== 'true';
	toggle.setAttribute('aria-expanded', closed);
	toggle.nextElementSibling.disabled = !closed;
	document.getElementById(toggle.getAttribute('aria-controls')).hidden = !closed;
	toggle.closest('tr').toggleAttribute('aria-current', closed);
}

function take(choice) {
	const cell = document.getElementById(current);
	if (choice.dataset.value) keep(inputOf(cell), choice.dataset.value);
	else build(cell);
}

document.addEventListener('keydown', event => {
	if (event.ctrlKey || event.metaKey || event.altKey && event.key !== 'ArrowDown') return;
	const inMenu = event.target.closest?.('#scope-menu');
	if (inMenu && /^[0-5]$/.test(event.key)) {
		event.preventDefault();
		event.stopPropagation();
		return inMenu.querySelector(`[data-level="${event.key}"]`)?.click();
	}
	const cell = event.target.closest?.('[data-rights] [data-cell]');
	if (!cell) return;
	if (event.altKey) return stop(event, () => cell.matches('.scope') && open(cell));
	if (/^[0-5]$/.test(event.key)) return stop(event, () => choose(cell, event.key));
	const to = target(cell, event.key);
	if (to !== undefined) stop(event, () => go(to));
}, true);

function stop(event, act) {
	event.preventDefault();
	event.stopPropagation();
	act();
}

function target(cell, key) {
	const all = rows();
	const row = cell.closest('tr');
	const here = cells(row);
	const column = here.indexOf(cell);
	const line = all.indexOf(row);
	if (key === 'ArrowRight') return here[column + 1] ?? null;
	if (key === 'ArrowLeft') return here[column - 1] ?? null;
	if (key === 'ArrowDown') return all[line + 1] ? cells(all[line + 1])[column] : null;
	if (key === 'ArrowUp') return all[line - 1] ? cells(all[line - 1])[column] : null;
	if (key === 'Home') return here[0];
	if (key === 'End') return here.at(-1);
}

document.addEventListener('focusin', event => {
	const cell = event.target.closest?.('[data-rights] [data-cell]');
	if (!cell || cell.id === current) return;
	current = cell.id;
	settle();
});

document.addEventListener('toggle', event => {
	if (event.target !== menu() || event.newState !== 'closed') return;
	for (const cell of grid().querySelectorAll('[aria-expanded="true"].scope')) cell.removeAttribute('aria-expanded');
}, true);

// A condition that was built is the cell's value.
document.addEventListener('clientela:scope', event => {
	const { name, value } = event.detail;
	const input = document.querySelector(`#rights [name="${CSS.escape(name)}"]`);
	if (input) keep(input, value);
});

// The grid is drawn anew by the server after each change: the focus stays in its cell.
document.addEventListener('htmx:afterSettle', event => {
	settle();
	if (event.detail.target === menu()) menu().querySelector('[aria-current]')?.focus();
	if (!grid() || document.querySelector('dialog[open]')) return;
	if (current && document.activeElement === document.body) document.getElementById(current)?.focus({ preventScroll: true });
});
settle();
