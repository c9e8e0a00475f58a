// Results with undo: 8 seconds, waiting while pointed at or focused.
import { post, refresh } from './net.js';

const LIFE = 8000;
const MOST = 3;
const timers = new WeakMap();
let lastUndo = null;

const region = () => document.querySelector('.toast-region');
const text = name => region()?.dataset[`text${name}`] ?? '';

// options: {text, undo_url, undo_label, tone, again}; retry: a function called by the button "Retry", or what `again` says.
export function toast(options, retry = null) {
	if (!region()) return;
	const template = document.getElementById(options.tone === 'danger' ? 'toast-template-danger' : 'toast-template');
	const element = template.content.firstElementChild.cloneNode(true);
	element.querySelector('span').textContent = options.text;
	const button = element.querySelector('button');
	if (options.undo_url) {
		element.dataset.undoUrl = options.undo_url;
		button.textContent = options.undo_label;
		button.dataset.undo = '';
	} else if (retry) {
		button.textContent = options.again ?? text('Retry');
		button.addEventListener('click', () => { close(element); retry(); });
	} else {
		button.remove();
	}
	region().append(element);
	adopt(element);
	for (const old of [...region().querySelectorAll('[data-toast]')].slice(0, -MOST)) close(old);
}

// Nobody is asked to try again what he may not do.
export const failure = (name, retry) => toast({ text: text(name), tone: 'danger' }, name !== 'Forbidden' && retry);

export const dropped = goOn => toast({ text: text('Dropped'), again: text('GoOn') }, goOn);

export function undoLast() {
	if (lastUndo) undo(lastUndo, document.querySelector(`[data-undo-url="${CSS.escape(lastUndo)}"]`));
}

async function undo(url, element) {
	if (element) close(element);
	lastUndo = null;
	const response = await post(url).catch(() => null);
	if (!response?.ok) return failure('NotUndone', response ? null : () => undo(url));
	if (!response.headers.get('HX-Trigger')?.includes('toast')) toast({ text: text('Undone') });
	refresh();
}

function adopt(element) {
	if (element.dataset.undoUrl) lastUndo = element.dataset.undoUrl;
	start(element);
	for (const name of ['pointerenter', 'focusin']) element.addEventListener(name, () => clearTimeout(timers.get(element)));
	for (const name of ['pointerleave', 'focusout']) element.addEventListener(name, () => start(element));
}

function start(element) {
	clearTimeout(timers.get(element));
	timers.set(element, setTimeout(() => close(element), LIFE));
}

const close = element => element.remove();

document.addEventListener('toast', event => toast(event.detail));
document.addEventListener('click', event => {
	const element = event.target.closest('[data-undo]')?.closest('[data-toast]');
	if (element) undo(element.dataset.undoUrl, element);
});
for (const element of document.querySelectorAll('.toast-region > [data-toast]')) adopt(element);
