// Back and forward inside a list ask for that part of the page alone; nothing of it is kept in the browser.
import { isSignIn } from './away.js';

let asked;

// Of several steps taken quickly only the last counts, whichever answer comes first.
document.addEventListener('htmx:historyCacheMiss', event => {
	const { historyElt, xhr, path } = event.detail;
	asked?.abort();
	asked = xhr;
	if (new URL(path, location.href).pathname === historyElt.dataset.historyPath) return xhr.setRequestHeader('HX-Target', historyElt.id);
	event.preventDefault();
	location.reload();
});

document.addEventListener('htmx:historyCacheMissLoad', event => {
	if (!isSignIn(event.detail.xhr)) return;
	event.detail.response = event.detail.historyElt.innerHTML;
	location.reload();
});

document.addEventListener('htmx:historyCacheMissLoadError', () => location.reload());
