// Menus: the browser opens and places them; here are the arrow keys, and closing after a choice.
const items = menu => [...menu.querySelectorAll('[role="menuitem"]:not([hidden], :disabled)')];

document.addEventListener('toggle', event => {
	const menu = event.target;
	if (menu.matches?.('.menu') && event.newState === 'open') enter(menu, items(menu)[0]);
}, true);

// A menu whose items come from the server is entered when they are there, unless somebody went on in it already.
document.addEventListener('htmx:afterSettle', event => {
	const menu = event.detail.target;
	if (menu?.matches('.menu:popover-open') && !menu.querySelector(':focus')) enter(menu, items(menu)[0]);
});

document.addEventListener('keydown', event => {
	const menu = event.target.closest?.('.menu:popover-open');
	if (!menu) return;
	const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
	const all = items(menu);
	const at = all.indexOf(document.activeElement);
	const move = (cause, item) => {
		cause.preventDefault();
		cause.stopPropagation();
		enter(menu, item);
	};
	if (step) move(event, all[(at + step + all.length) % all.length]);
	else if (event.key === 'Home') move(event, all[0]);
	else if (event.key === 'End') move(event, all.at(-1));
	else if (event.key === 'Tab') menu.hidePopover();
	else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) move(event, startingWith(all, at, event.key));
});

document.addEventListener('click', event => {
	const item = event.target.closest('.menu [role="menuitem"]');
	if (item && !item.hasAttribute('popovertarget')) item.closest('[popover]')?.hidePopover();
});

// One item at a time is the menu's place for the focus.
function enter(menu, item) {
	if (!item) return;
	for (const other of items(menu)) other.tabIndex = other === item ? 0 : -1;
	item.focus({ preventScroll: true });
	item.scrollIntoView({ block: 'nearest' });
}

function startingWith(all, at, letter) {
	const ordered = [...all.slice(at + 1), ...all.slice(0, at + 1)];
	return ordered.find(item => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()));
}

// The menu on phones holds the links of the sidebar: copied when it first opens, not sent twice.
document.addEventListener('beforetoggle', event => {
	const from = event.target.dataset?.copies;
	if (!from) return;
	delete event.target.dataset.copies;
	const links = [...document.querySelectorAll(from)].map(link => {
		const item = link.cloneNode(true);
		item.className = '';
		item.setAttribute('role', 'menuitem');
		item.tabIndex = -1;
		for (const extra of ['data-key-go', 'title']) item.removeAttribute(extra);
		return item;
	});
	event.target.prepend(...links);
}, true);
