// Cards between columns: pointer, Alt and arrows, or the menu "Move to". The page changes at once, the server after it.
import { draggable } from './drag.js';
import { fill, present } from './dialog.js';
import { away } from './away.js';
import { get, post, signedOut, swap } from './net.js';
import { failure, toast } from './toast.js';

const CARD = '[data-board] [data-card]';
const MOVABLE = `${CARD}:not([data-fixed])`;
const ASKED = 'input:not([type="hidden"]), select, textarea';
let menuCard = null;

const cards = column => column.querySelector('[data-cards]');
const column = card => card.closest('[data-lane]');
const board = card => card.closest('[data-board]');
const zones = () => document.querySelector('.outcome-zones');
const addressOf = (pattern, card) => pattern.replace('__id__', card.dataset.card);
const line = document.createElement('li');
line.className = 'drop-placeholder';
line.setAttribute('aria-hidden', 'true');

draggable(`${MOVABLE} .deal-card`, {
	start(handle) {
		if (zones()) zones().hidden = false;
		lift(handle);
		return handle;
	},
	move(item, event) {
		mark(item, targetAt(item, event));
	},
	drop(item, event) {
		const card = item.closest('[data-card]');
		const target = targetAt(item, event);
		const before = line.isConnected ? nextCard(line) : null;
		clear();
		if (target?.matches('[data-outcome-url]')) finish(card, target.dataset.outcomeUrl);
		else if (target && target !== column(card)) place(card, target, before);
	},
	cancel: clear,
});

// The card floats over the page, and its place stays open.
function lift(handle) {
	const { top, left, width, height } = handle.getBoundingClientRect();
	for (const [name, size] of Object.entries({ top, left, width })) handle.style.setProperty(`--card-${name}`, `${size}px`);
	handle.closest('[data-card]').style.setProperty('--card-height', `${height}px`);
}

function targetAt(item, event) {
	return document.elementsFromPoint(event.clientX, event.clientY)
		.find(element => !item.contains(element) && element.closest('[data-lane], [data-outcome-url]'))
		?.closest('[data-outcome-url], [data-lane]');
}

function mark(item, target) {
	for (const other of document.querySelectorAll('[data-drop-target], [data-over]')) {
		other.removeAttribute('data-drop-target');
		other.removeAttribute('data-over');
	}
	line.remove();
	if (!target) return;
	if (target.matches('[data-outcome-url]')) return target.setAttribute('data-over', '');
	if (target === item.closest('[data-lane]')) return;
	target.setAttribute('data-drop-target', '');
	const middle = item.getBoundingClientRect().top;
	const below = [...cards(target).querySelectorAll('[data-card]')].find(card => card.getBoundingClientRect().top >= middle);
	cards(target).insertBefore(line, below ?? cards(target).querySelector('[data-more]'));
}

function clear() {
	mark(null, null);
	if (zones()) zones().hidden = true;
}

function nextCard(element) {
	let next = element.nextElementSibling;
	while (next && !next.matches('[data-card]')) next = next.nextElementSibling;
	return next;
}

// The card goes over at once; refused, it goes back and the toast says why.
async function place(card, target, before = null) {
	const from = { column: column(card), list: card.parentElement, next: card.nextElementSibling };
	const focused = card.contains(document.activeElement);
	cards(target).insertBefore(card, before ?? cards(target).firstElementChild);
	card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
	if (focused) card.querySelector('a')?.focus();
	const values = { to: target.dataset.lane, from: from.column.dataset.lane };
	const response = await post(addressOf(board(card).dataset.moveUrl, card), values).catch(() => null);
	const lost = response && away(response);
	if (response?.ok && !lost) return arrived(await response.text(), card.id, focused);
	from.list.insertBefore(card, from.next?.isConnected ? from.next : null);
	if (lost) return;
	const said = response && (response.headers.get('Content-Type') ?? '').startsWith('text/plain') ? await response.text() : '';
	if (said) toast({ text: said, tone: 'danger' });
	else failure(response?.status === 403 ? 'Forbidden' : 'Failed', () => place(card, target, before));
}

// The answer is all out of band: the heads of the columns, and the card as it is now.
function arrived(html, id, focused) {
	swap(document.getElementById('dialogs'), html);
	if (focused) document.querySelector(`#${CSS.escape(id)} a`)?.focus();
}

// Won, lost...: the form with what is missing; where nothing is, it is done at once.
async function finish(card, pattern) {
	const url = addressOf(pattern, card);
	const response = await get(url).catch(() => null);
	if (!response) return failure('Failed', () => finish(card, pattern));
	if (signedOut(response)) return;
	if (!response.ok) return refused(response);
	const html = await response.text();
	const asked = new DOMParser().parseFromString(html, 'text/html').querySelector(ASKED);
	if (asked) return present(fill(html), card);
	const done = await post(url).catch(() => null);
	if (!done?.ok) failure('Failed', () => finish(card, pattern));
}

async function refused(response) {
	const said = (response.headers.get('Content-Type') ?? '').startsWith('text/plain') ? await response.text() : '';
	if (said) toast({ text: said, tone: 'danger' });
	else failure(response.status < 500 ? 'Forbidden' : 'Failed');
}

document.addEventListener('keydown', event => {
	const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
	const card = event.altKey && step && (event.target.closest(MOVABLE) ?? document.querySelector(`${MOVABLE}[aria-current="true"]`));
	if (!card) return;
	event.preventDefault();
	const columns = [...board(card).querySelectorAll('[data-lane]')];
	const target = columns[columns.indexOf(column(card)) + step];
	if (target) place(card, target);
});

document.addEventListener('click', event => {
	const opener = event.target.closest(`${CARD} [popovertarget]`);
	if (opener) menuCard = opener.closest('[data-card]');
	const choice = event.target.closest('[data-move-to], [data-move-outcome]');
	if (!choice || !menuCard?.isConnected) return;
	if (choice.dataset.moveOutcome) return finish(menuCard, choice.dataset.moveOutcome);
	const target = board(menuCard).querySelector(`[data-lane="${CSS.escape(choice.dataset.moveTo)}"]`);
	if (target && target !== column(menuCard)) place(menuCard, target);
});

// A board that fetches itself anew stays where it was scrolled.
let places = null;
const scrolled = () => [document.getElementById('board'), ...document.querySelectorAll('[data-lane] [data-cards]')].filter(Boolean);

document.addEventListener('htmx:beforeSwap', event => {
	if (event.detail.target?.id === 'board') places = scrolled().map(box => [box.scrollLeft, box.scrollTop]);
});
document.addEventListener('htmx:afterSettle', () => {
	for (const [at, box] of places ? scrolled().entries() : []) box.scrollTo({ left: places[at]?.[0], top: places[at]?.[1], behavior: 'instant' });
	places = null;
});
