// Requests of our own, beside those htmx makes: the same headers, the same events from the server.
import { away } from './away.js';

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

export const signal = (name, detail = {}, element = document.body) =>
	element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, cancelable: true }));

// Ask for everything that shows data to fetch itself anew (hx-trigger="clientela:refresh from:body").
export const refresh = () => signal('clientela:refresh');

export async function get(url) {
	return fetch(url, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
}

export async function post(url, values = {}) {
	const body = values instanceof FormData ? values : form(values);
	let response = await send(url, body);
	// What was refused without a word of ours was refused for its token: somebody signed in anew meanwhile.
	if (away(response) || (response.status === 403 && !response.headers.has('HX-Trigger'))) {
		const { resume } = await import('./session.js');
		response = await resume(response, () => send(url, body));
	}
	triggers(response);
	return response;
}

function send(url, body) {
	const headers = { 'HX-Request': 'true', 'X-CSRFToken': token() };
	body.delete('csrfmiddlewaretoken');
	return fetch(url, { method: 'POST', body, headers, credentials: 'same-origin' });
}

export function swap(target, html, style = 'innerHTML') {
	window.htmx.swap(target, html, { swapStyle: style, swapDelay: 0, settleDelay: 0 });
}

// For what was only to be read.
export function signedOut(response) {
	const gone = away(response);
	if (gone) import('./session.js').then(({ lost }) => lost(true));
	return gone;
}

function form(values) {
	const data = new FormData();
	for (const [name, value] of Object.entries(values)) data.append(name, value);
	return data;
}

function triggers(response) {
	const header = response.headers.get('HX-Trigger');
	if (!header) return;
	const events = header.startsWith('{') ? JSON.parse(header) : Object.fromEntries(header.split(',').map(name => [name.trim(), {}]));
	for (const [name, detail] of Object.entries(events)) signal(name, detail);
}
