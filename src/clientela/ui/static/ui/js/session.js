// A session that ended while somebody was writing: what was typed stays, and can be saved after signing in again.
import { away } from './away.js';

let waiting = false;
const notice = () => document.getElementById('signed-out');

// A page on which nothing is being written is loaded anew: it leads to the sign-in and back. Anything else stays,
// and it is said once, and again whenever somebody presses (not for what a page asks by itself).
export function lost(pressed = false) {
	if (!isWriting()) return location.reload();
	if (pressed || !waiting) ask();
}

const isWriting = () => document.querySelector('dialog[open] form, form[data-inline-editor]')
	|| [...document.querySelectorAll('textarea')].some(text => text.value !== text.defaultValue);

// Over whatever is open.
async function ask() {
	waiting = true;
	const dialog = notice() ?? await fetchNotice();
	dialog.querySelector('a').href = `/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`;
	if (!dialog.open) dialog.showModal();
}

// Nobody is signed in, so the page says in which language.
async function fetchNotice() {
	const response = await fetch(`/help/signed-out/?language=${document.documentElement.lang}`);
	const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
	if (!notice()) document.body.append(document.adoptNode(answer.querySelector('dialog')));
	return notice();
}

// A write that was not taken: again, where somebody has signed in meanwhile; else it is said why.
export async function resume(response, again) {
	const renewed = await renew();
	if (!renewed && away(response)) await ask();
	return renewed ? again() : response;
}

// One that htmx sent and that was refused without a word: perhaps only for its token, so once more with the new one.
export async function refused(requestConfig, again, failure) {
	const { dataset } = requestConfig.elt;
	if (dataset.renewed || !await renew()) return failure('Forbidden');
	dataset.renewed = 'true';
	again(requestConfig);
}

// Whether there is a session again: then everything on the page gets the token that goes with it.
export async function renew() {
	const response = await fetch(location.href, { credentials: 'same-origin' }).catch(() => null);
	if (!response?.ok || away(response)) return false;
	const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
	const fresh = answer.querySelector('meta[name="csrf-token"]')?.content;
	if (!fresh) return false;
	document.querySelector('meta[name="csrf-token"]').content = fresh;
	for (const input of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) input.value = fresh;
	return true;
}

// Back from the tab in which one signed in.
async function back() {
	if (!waiting || document.hidden || !await renew()) return;
	waiting = false;
	notice()?.close();
}

window.addEventListener('focus', back);
document.addEventListener('visibilitychange', back);
