// Requests of our own, beside those htmx makes: the same headers, the same events from the server.
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
	const headers = { 'HX-Request': 'true', 'X-CSRFToken': token() };
	const response = await fetch(url, { method: 'POST', body, headers, credentials: 'same-origin' });
	triggers(response);
	return response;
}

export function swap(target, html, style = 'innerHTML') {
	window.htmx.swap(target, html, { swapStyle: style, swapDelay: 0, settleDelay: 0 });
}

export function signedOut(response) {
	const away = response.redirected && new URL(response.url).pathname.startsWith('/account/');
	if (away) location.reload();
	return away;
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
