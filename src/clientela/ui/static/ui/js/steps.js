// A step of a path is taken at once; the server's answer draws it anew, and a failure puts it back.
const held = new WeakMap();
const path = event => event.target.closest?.('[data-step]')?.closest('ol');

document.addEventListener('htmx:beforeRequest', event => {
	const list = path(event);
	if (!list) return;
	const chosen = event.target.closest('li');
	const items = [...list.children];
	held.set(list, items.map(item => [item, item.dataset.state, item.hasAttribute('aria-current')]));
	const place = items.indexOf(chosen);
	for (const [at, item] of items.entries()) show(item, at < place ? 'done' : at === place ? 'current' : '', at === place);
});

for (const name of ['htmx:responseError', 'htmx:sendError']) document.addEventListener(name, event => {
	for (const was of held.get(path(event)) ?? []) show(...was);
});

function show(item, state, current) {
	item.dataset.state = state;
	if (current) item.setAttribute('aria-current', 'step');
	else item.removeAttribute('aria-current');
}
