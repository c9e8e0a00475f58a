// Notes in a moment: a key, the palette and a call on the telephone lead to where one writes.
const WRITE = '#note-text';

export function write() {
	const place = document.querySelector(WRITE);
	place?.scrollIntoView({ block: 'nearest' });
	place?.focus({ preventScroll: true });
}

// On the page of a record, which is perhaps this one.
export function writeAt(address) {
	const url = new URL(address, location.href);
	if (url.pathname === location.pathname) return write();
	url.hash = WRITE;
	location.assign(url);
}

// A call from a record's page leaves the note open for what was said.
document.addEventListener('click', event => event.target.closest('a[href^="tel:"]') && write());
if (location.hash === WRITE) write();

// Ctrl Enter sends the form one is writing in.
document.addEventListener('keydown', event => {
	if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
	const form = event.target.closest('form:not([data-inline-editor])');
	if (!form) return;
	event.preventDefault();
	form.requestSubmit(form.querySelector('[data-default], [type="submit"]'));
});
