// What every htmx request has in common: the token, waiting, and what happens when it fails.
import { isSignIn } from './away.js';
import { token } from './net.js';
import { failure, toast } from './toast.js';

const PATIENCE = 200;
const waiting = new WeakMap();

document.addEventListener('htmx:configRequest', event => {
	if (event.detail.verb !== 'get') event.detail.headers['X-CSRFToken'] = token();
});

document.addEventListener('htmx:beforeRequest', event => {
	const target = event.detail.target;
	waiting.set(event.detail.xhr, setTimeout(() => target?.setAttribute('aria-busy', 'true'), PATIENCE));
});

document.addEventListener('htmx:afterRequest', event => {
	clearTimeout(waiting.get(event.detail.xhr));
	event.detail.target?.removeAttribute('aria-busy');
});

// What writes is sent once: a second click while it is on its way, or while its answer leads elsewhere, is let go.
const writing = new WeakSet();
const pressed = ({ verb, triggeringEvent }) => verb !== 'get' && ['click', 'submit'].includes(triggeringEvent?.type);

document.addEventListener('htmx:confirm', event => {
	if (pressed(event.detail) && writing.has(event.detail.elt)) event.preventDefault();
});

document.addEventListener('htmx:beforeRequest', event => pressed(event.detail.requestConfig) && writing.add(event.detail.elt));

document.addEventListener('htmx:afterRequest', event => {
	if (!event.detail.xhr.getResponseHeader('HX-Redirect')) writing.delete(event.detail.elt);
});

// A link that has the focus keeps it where it is drawn anew, as a card or a row after an undo.
let held = null;

document.addEventListener('htmx:beforeSwap', ({ detail }) => {
	const link = document.activeElement?.closest('a[href]');
	if (link && detail.target?.contains(link)) held = link.getAttribute('href');
});

document.addEventListener('htmx:afterSettle', () => {
	if (!held) return;
	if (document.activeElement === document.body) document.querySelector(`main a[href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
	held = null;
});

// A session that ended answers with the sign-in page.
document.addEventListener('htmx:beforeSwap', event => {
	if (!isSignIn(event.detail.xhr)) return;
	event.detail.shouldSwap = false;
	import('./session.js').then(({ lost }) => lost(pressed(event.detail.requestConfig)));
});

document.addEventListener('htmx:responseError', event => {
	const { xhr, requestConfig } = event.detail;
	const said = plain(xhr);
	if (xhr.status === 403 && requestConfig.verb !== 'get' && !xhr.getResponseHeader('HX-Trigger')) return import('./session.js').then(({ refused }) => refused(requestConfig, again, failure));
	if (said) return toast({ text: said, tone: 'danger' });
	if (xhr.status === 403 || xhr.status === 404) return failure('Forbidden');
	return failure('Failed', () => again(requestConfig));
});

document.addEventListener('htmx:sendError', event => failure('Failed', () => again(event.detail.requestConfig)));

function plain(xhr) {
	const type = xhr.getResponseHeader('Content-Type') ?? '';
	return type.startsWith('text/plain') ? xhr.responseText.slice(0, 300) : '';
}

function again({ verb, path, elt, target }) {
	window.htmx.ajax(verb.toUpperCase(), path, { source: elt, target });
}

const showConnection = () => {
	for (const notice of document.querySelectorAll('[data-offline]')) notice.hidden = navigator.onLine;
};
window.addEventListener('online', showConnection);
window.addEventListener('offline', showConnection);
showConnection();
