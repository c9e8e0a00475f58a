// Records on the days of a month: drag one to another day, or Alt and arrows (with up and down: a week).
import { draggable } from './drag.js';
import { away } from './away.js';
import { post, refresh } from './net.js';
import { failure } from './toast.js';

const ENTRY = '[data-month] [data-move-url]';
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

const dayAt = event => document.elementsFromPoint(event.clientX, event.clientY)
	.map(element => element.closest('td[data-date]')).find(Boolean);

function mark(day) {
	for (const marked of document.querySelectorAll('[data-month] [data-drop-target]')) marked.removeAttribute('data-drop-target');
	day?.setAttribute('data-drop-target', '');
}

draggable(ENTRY, {
	start: handle => handle,
	move: (item, event) => mark(dayAt(event)),
	drop(item, event) {
		const day = dayAt(event);
		mark(null);
		if (day && day !== item.closest('td')) move(item, day.dataset.date);
	},
	cancel: () => mark(null),
});

async function move(item, date) {
	const [from, next] = [item.parentElement, item.nextSibling];
	const day = document.querySelector(`[data-month] td[data-date="${date}"]`);
	day?.querySelector('.day').after(item);
	item.focus({ preventScroll: true });
	const response = await post(item.dataset.moveUrl, { [item.closest('[data-month]').dataset.dateName]: date }).catch(() => null);
	const lost = response && away(response);
	if (response?.ok && !lost) return refresh();
	from.insertBefore(item, next);
	if (lost) return;
	failure(response?.status === 403 ? 'Forbidden' : 'Failed', response ? null : () => move(item, date));
}

function later(date, days) {
	const day = new Date(`${date}T12:00:00Z`);
	day.setUTCDate(day.getUTCDate() + days);
	return day.toISOString().slice(0, 10);
}

document.addEventListener('keydown', event => {
	const item = event.altKey && STEPS[event.key] && event.target.closest(ENTRY);
	if (!item) return;
	event.preventDefault();
	move(item, later(item.closest('td').dataset.date, STEPS[event.key]));
});
