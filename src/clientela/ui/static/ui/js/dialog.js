// Dialogs: those in the page (data-open), those fetched (data-dialog-url, data-create-url).
import { get, signedOut, swap } from './net.js';
import { dropped, failure } from './toast.js';

// above: over the dialog that is open, which waits for what this one makes.
export async function openFrom(url, above = false) {
	const response = await get(url).catch(() => null);
	if (!response) return failure('Failed', () => openFrom(url, above));
	if (signedOut(response)) return;
	if (!response.ok) return failure(response.status < 500 ? 'Forbidden' : 'Failed');
	present(fill(await response.text(), above));
}

// The one place for fetched dialogs; what it held before goes.
export function fill(html, above = false) {
	const dialogs = document.getElementById('dialogs');
	if (!above) dialogs.replaceChildren();
	const place = above ? dialogs.appendChild(document.createElement('div')) : dialogs;
	swap(place, html);
	return place;
}

// Show what was fetched: a dialog, or a popover anchored where `data-anchor` says.
export function present(place, source = null) {
	const dialog = place.querySelector('dialog');
	if (dialog) return dialog.showModal();
	const popover = place.querySelector('[popover]');
	popover?.showPopover(source ? { source } : undefined);
	popover?.querySelector('[autofocus], input:not([type="hidden"]), button')?.focus();
}

export function open(id) {
	const dialog = document.getElementById(id);
	if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener('click', event => {
	const opener = event.target.closest('[data-open], [data-dialog-url], [data-create-url]');
	const closer = event.target.closest('[data-close]');
	if (closer) return dismiss(closer.closest('dialog, [popover]'));
	if (!opener || event.ctrlKey || event.metaKey) return;
	event.preventDefault();
	opener.closest('dialog')?.close();
	if (opener.dataset.open) open(opener.dataset.open);
	else openFrom(opener.dataset.dialogUrl ?? opener.dataset.createUrl);
});

// A click on the veil closes, unless something was typed.
document.addEventListener('pointerdown', event => {
	if (event.target.matches?.('dialog') && event.target.open && outside(event) && !event.target.querySelector('form')) event.target.close();
});

document.addEventListener('clientela:close', () => {
	for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
	for (const popover of document.querySelectorAll(':popover-open')) popover.hidePopover();
});

function dismiss(element) {
	if (!element?.matches('dialog')) return element?.hidePopover();
	offer(element);
	element.close();
}

// What was typed in a fetched dialog that goes unsent can still be had back.
function offer(dialog) {
	const typed = [...dialog.querySelectorAll('input:not([type="hidden"]), textarea')].some(field => field.value !== field.defaultValue);
	if (typed && dialog.closest('#dialogs')) dropped(() => dialog.isConnected && dialog.showModal());
}

document.addEventListener('cancel', event => event.target.matches?.('dialog') && offer(event.target), true);

function outside(event) {
	const box = event.target.getBoundingClientRect();
	return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

// A form that htmx put there, as those of the bar over a selection.
document.addEventListener('htmx:afterSwap', event => {
	if (event.detail.target?.id === 'dialogs') present(event.detail.target);
});
