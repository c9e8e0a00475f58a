// Rows put in order: drag the grip, arrow keys on it, or a menu's "up" and "down". POSTs `ids` to data-order-url.
import { draggable } from './drag.js';
import { post, refresh } from './net.js';
import { failure } from './toast.js';

const ROW = '[data-order-url] > [data-order-id]';
const rows = list => [...list.querySelectorAll(':scope > [data-order-id]')];
const ids = list => rows(list).map(row => row.dataset.orderId);
let before = '';
let held = '';

draggable(`${ROW} [data-order-grip]`, {
	start(grip) {
		const row = grip.closest(ROW);
		before = ids(row.parentElement).join();
		return row;
	},
	move(row, event) {
		const list = row.parentElement;
		const next = rows(list).filter(other => other !== row)
			.find(other => event.clientY < other.getBoundingClientRect().top + other.offsetHeight / 2);
		if (row.nextElementSibling !== (next ?? null)) list.insertBefore(row, next ?? null);
	},
	drop: row => ids(row.parentElement).join() !== before && send(row.parentElement),
	cancel: () => refresh(),
});

async function send(list) {
	const data = new FormData();
	for (const id of ids(list)) data.append('ids', id);
	const response = await post(list.dataset.orderUrl, data).catch(() => null);
	if (response?.ok) return;
	failure(response?.status === 403 ? 'Forbidden' : 'Failed', () => send(list));
	refresh();
}

function step(row, by) {
	const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
	if (!other) return;
	if (by < 0) other.before(row);
	else other.after(row);
	send(row.parentElement);
}

document.addEventListener('keydown', event => {
	const grip = event.target.closest('[data-order-grip]');
	const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
	if (!grip || !by) return;
	event.preventDefault();
	const row = grip.closest(ROW);
	held = row.dataset.orderId;
	step(row, by);
	grip.focus();
});

document.addEventListener('click', event => {
	const item = event.target.closest('[data-order-step]');
	if (item) step(item.closest(ROW), Number(item.dataset.orderStep));
});

// The page fetches itself anew after a change: who moves by keys keeps the grip.
document.addEventListener('htmx:afterSettle', () => {
	if (held && document.activeElement === document.body) document.querySelector(`[data-order-id="${CSS.escape(held)}"] [data-order-grip]`)?.focus();
	held = '';
});
