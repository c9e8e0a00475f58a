// Dragging with mouse, pen or finger (a finger holds first, so that pages still scroll).
const SLOP = 5;
const HOLD = 300;
const EDGE = 48;
let held = null;

// Asked of the browser before any finger comes down: only so may a drag stop the page from scrolling.
for (const name of ['touchmove', 'contextmenu']) {
	document.addEventListener(name, event => held && event.preventDefault(), { passive: false });
}

// start(event) answers what is dragged or null; then move(item, event), and drop(item, event) or cancel(item).
export function draggable(selector, { start, move, drop, cancel }) {
	document.addEventListener('pointerdown', event => {
		const handle = event.button === 0 && event.target.closest(selector);
		const control = event.target.closest('button, input, select, textarea, [popover]');
		if (!handle || (control !== handle && handle.contains(control))) return;
		watch(event, handle, { start, move, drop, cancel });
	});
}

function watch(first, handle, does) {
	let item = null;
	const touch = first.pointerType === 'touch';
	const ends = new AbortController();
	const { signal } = ends;
	const begin = () => {
		item = does.start(handle, first);
		if (!item) return ends.abort();
		item.setAttribute('data-dragging', '');
		held = item;
		getSelection().removeAllRanges();
	};
	const timer = touch ? setTimeout(begin, HOLD) : 0;
	const finish = how => {
		clearTimeout(timer);
		ends.abort();
		if (!item) return;
		item.removeAttribute('data-dragging');
		held = null;
		for (const name of ['--drag-x', '--drag-y']) item.style.removeProperty(name);
		how();
		swallowClick();
	};
	const on = (name, listener) => document.addEventListener(name, listener, { signal, passive: false });
	on('pointermove', event => {
		const far = Math.hypot(event.clientX - first.clientX, event.clientY - first.clientY) > SLOP;
		if (!item && far && touch) return finish(() => {});
		if (!item && far) begin();
		if (!item) return;
		item.style.setProperty('--drag-x', `${event.clientX - first.clientX}px`);
		item.style.setProperty('--drag-y', `${event.clientY - first.clientY}px`);
		scrollAtEdge(item, event);
		does.move(item, event);
	});
	on('dragstart', event => event.preventDefault());
	on('pointerup', event => finish(() => does.drop(item, event)));
	on('pointercancel', () => finish(() => does.cancel(item)));
	on('keydown', event => {
		if (event.key !== 'Escape') return;
		event.preventDefault();
		finish(() => does.cancel(item));
	});
}

// The click that follows a drag opens nothing.
function swallowClick() {
	const stop = event => {
		event.preventDefault();
		event.stopPropagation();
	};
	document.addEventListener('click', stop, { capture: true, once: true });
	setTimeout(() => document.removeEventListener('click', stop, true), 50);
}

function scrollAtEdge(item, event) {
	for (let box = item.parentElement; box; box = box.parentElement) {
		const { left, right, top, bottom } = box.getBoundingClientRect();
		if (box.scrollWidth > box.clientWidth) box.scrollLeft += push(event.clientX, left, right);
		if (box.scrollHeight > box.clientHeight) box.scrollTop += push(event.clientY, top, bottom);
	}
}

const push = (at, from, to) => (at < from + EDGE ? -12 : at > to - EDGE ? 12 : 0);
