// Selected rows: one, a range with Shift, the page, or everything the list matches.
const BOX = '.check input:not([data-select-all])';
let anchor = null;

const boxes = root => [...(root ?? document).querySelectorAll(`tbody ${BOX}`)];
const scope = element => element.closest('.list-page, form, main') ?? document;

// A box is called as its row is. Written here, fifty titles need not come twice.
document.addEventListener('htmx:load', ({ target }) => {
	for (const box of boxes(target.closest('tbody') ?? target)) {
		if (!box.ariaLabel) box.ariaLabel = box.closest('tr').querySelector('.primary')?.textContent.trim() || box.value;
	}
});

export function selectRow(row, range) {
	const box = row?.querySelector(BOX);
	if (!box) return;
	if (range) extend(box, true);
	else box.checked = !box.checked;
	anchor = box;
	show(scope(box));
}

export function clearSelection() {
	const checked = boxes().filter(box => box.checked);
	for (const box of checked) box.checked = false;
	if (checked.length) show(scope(checked[0]));
	return checked.length > 0;
}

function extend(box, checked) {
	const all = boxes(scope(box));
	const [from, to] = [all.indexOf(anchor ?? box), all.indexOf(box)].sort((one, other) => one - other);
	for (const other of all.slice(Math.max(from, 0), to + 1)) other.checked = checked;
}

function show(root) {
	const all = boxes(root);
	const count = all.filter(box => box.checked).length;
	const head = root.querySelector('[data-select-all]');
	if (head) {
		head.checked = count > 0 && count === all.length;
		head.indeterminate = count > 0 && count < all.length;
	}
	matching(root, false);
	label(root, count);
	for (const offer of root.querySelectorAll('[data-select-matching]')) offer.hidden = count < all.length || count >= Number(offer.dataset.selectMatching);
}

// The words come from the server: data-one="1 selected" data-many="%n selected".
function label(root, count) {
	for (const text of root.querySelectorAll('[data-selected-count]')) {
		text.textContent = (count === 1 ? text.dataset.one : text.dataset.many).replace('%n', count.toLocaleString(document.documentElement.lang));
	}
}

function matching(root, all) {
	for (const input of root.querySelectorAll('input[name="all_matching"]')) input.value = all ? '1' : '';
}

document.addEventListener('change', event => {
	const target = event.target;
	if (target.matches('[data-select-all]')) for (const box of boxes(scope(target))) box.checked = target.checked;
	if (target.matches(`${BOX}, [data-select-all]`)) show(scope(target));
});

document.addEventListener('click', event => {
	const box = event.target.closest(BOX);
	if (box) {
		if (event.shiftKey) extend(box, box.checked);
		anchor = box;
		return show(scope(box));
	}
	if (event.target.closest('[data-clear-selection]')) return clearSelection();
	const offer = event.target.closest('[data-select-matching]');
	if (!offer) return;
	const root = scope(offer);
	matching(root, true);
	label(root, Number(offer.dataset.selectMatching));
	offer.hidden = true;
});
