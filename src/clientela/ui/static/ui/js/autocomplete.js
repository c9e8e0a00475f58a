// Link fields: type, choose from what the server offers, or create on the fly (ARIA combobox).
// [data-combobox][data-options-url] holds input[type=hidden], input[role=combobox] and [role=listbox][popover=manual].
import { openFrom } from './dialog.js';
import { get, swap } from './net.js';

const PAUSE = 150;
const timers = new WeakMap();
const turns = new WeakMap();
// Those whose list is not yet that of what is typed; and those where the first of it is to be chosen when it comes.
const stale = new WeakSet();
const awaited = new WeakSet();
let creating = null;

const box = element => element?.closest?.('[data-combobox]');
const input = combobox => combobox.querySelector('[role="combobox"]');
const hidden = combobox => combobox.querySelector('input[type="hidden"]');
const list = combobox => combobox.querySelector('[role="listbox"]');
const options = combobox => [...list(combobox).querySelectorAll('[role="option"]')];
const active = combobox => list(combobox).querySelector('[aria-selected="true"]');
const isOpen = combobox => list(combobox).matches(':popover-open');

async function ask(combobox) {
	const turn = (turns.get(combobox) ?? 0) + 1;
	turns.set(combobox, turn);
	const url = new URL(combobox.dataset.optionsUrl, location.href);
	url.searchParams.set('q', hidden(combobox).value ? '' : input(combobox).value.trim());
	const response = await get(url).catch(() => null);
	const html = response?.ok ? await response.text() : '';
	if (turn !== turns.get(combobox)) return;
	stale.delete(combobox);
	const chosen = awaited.delete(combobox);
	if (!response?.ok || document.activeElement !== input(combobox)) return;
	swap(list(combobox), html);
	show(combobox);
	const first = options(combobox)[0];
	highlight(combobox, first);
	if (chosen && first) choose(combobox, first);
}

function askNow(combobox) {
	clearTimeout(timers.get(combobox));
	awaited.add(combobox);
	ask(combobox);
}

function show(combobox) {
	if (!isOpen(combobox)) list(combobox).showPopover({ source: input(combobox) });
	list(combobox).style.minWidth = `${input(combobox).offsetWidth}px`;
	input(combobox).setAttribute('aria-expanded', 'true');
}

function hide(combobox) {
	if (isOpen(combobox)) list(combobox).hidePopover();
	input(combobox).setAttribute('aria-expanded', 'false');
	input(combobox).removeAttribute('aria-activedescendant');
}

function highlight(combobox, option) {
	for (const other of options(combobox)) other.setAttribute('aria-selected', String(other === option));
	if (!option) return input(combobox).removeAttribute('aria-activedescendant');
	option.id ||= `${list(combobox).id}-${options(combobox).indexOf(option)}`;
	option.scrollIntoView({ block: 'nearest' });
	input(combobox).setAttribute('aria-activedescendant', option.id);
}

function choose(combobox, option) {
	if (option.dataset.createUrl) return create(combobox, option.dataset.createUrl);
	take(combobox, option.dataset.value, option.dataset.label ?? option.textContent.trim());
}

export function take(combobox, value, label) {
	hidden(combobox).value = value;
	input(combobox).value = label;
	Object.assign(input(combobox).dataset, { chosen: label, chosenValue: value });
	hide(combobox);
	hidden(combobox).dispatchEvent(new Event('change', { bubbles: true }));
}

function create(combobox, url) {
	creating = combobox;
	hide(combobox);
	openFrom(url, true);
}

// Left without choosing: an empty field empties the link, anything else goes back to what was chosen.
function settle(combobox) {
	hide(combobox);
	const field = input(combobox);
	if (!field.value.trim()) return field.dataset.chosenValue && take(combobox, '', '');
	if (hidden(combobox).value || combobox.hasAttribute('data-free-text')) return;
	field.value = field.dataset.chosen ?? '';
	hidden(combobox).value = field.dataset.chosenValue ?? '';
}

document.addEventListener('input', event => {
	const combobox = event.target.matches('[role="combobox"]') && box(event.target);
	if (!combobox) return;
	hidden(combobox).value = '';
	stale.add(combobox);
	awaited.delete(combobox);
	highlight(combobox, null);
	clearTimeout(timers.get(combobox));
	timers.set(combobox, setTimeout(() => ask(combobox), PAUSE));
});

// Enter, or Tab where only what is offered counts, before the offer for what was typed is there.
function waits(combobox, key) {
	const keys = combobox.hasAttribute('data-free-text') ? ['Enter'] : ['Enter', 'Tab'];
	return stale.has(combobox) && keys.includes(key) && Boolean(input(combobox).value.trim());
}

document.addEventListener('keydown', event => {
	const combobox = event.target.matches?.('[role="combobox"]') && box(event.target);
	if (!combobox) return;
	const all = options(combobox);
	const at = all.indexOf(active(combobox));
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	if (waits(combobox, event.key)) {
		event.preventDefault();
		askNow(combobox);
	} else if (step) {
		event.preventDefault();
		if (isOpen(combobox)) highlight(combobox, all[(at + step + all.length) % all.length]);
		else ask(combobox);
	} else if (event.key === 'Enter' && isOpen(combobox) && active(combobox)) {
		event.preventDefault();
		choose(combobox, active(combobox));
	} else if (event.key === 'Tab' && isOpen(combobox) && active(combobox)?.dataset.value && !hidden(combobox).value) {
		choose(combobox, active(combobox));
	} else if (event.key === 'Escape' && isOpen(combobox)) {
		event.preventDefault();
		event.stopPropagation();
		hide(combobox);
	}
}, true);

document.addEventListener('pointerdown', event => {
	const option = event.target.closest?.('[data-combobox] [role="option"]');
	if (!option) return;
	event.preventDefault();
	choose(box(option), option);
});

document.addEventListener('click', event => {
	const combobox = event.target.matches('[role="combobox"]') && box(event.target);
	if (combobox && !isOpen(combobox)) ask(combobox);
});

document.addEventListener('focusin', event => {
	const combobox = event.target.matches('[role="combobox"]') && box(event.target);
	if (combobox && hidden(combobox).value) event.target.select();
});

document.addEventListener('focusout', event => {
	const combobox = event.target.matches?.('[role="combobox"]') && box(event.target);
	if (combobox) setTimeout(() => combobox.contains(document.activeElement) || settle(combobox), 0);
});

// The server says what the dialog created: {id, label}.
document.addEventListener('clientela:created', event => {
	event.target.closest?.('dialog')?.close();
	if (creating?.isConnected) take(creating, event.detail.id, event.detail.label);
	creating = null;
});
