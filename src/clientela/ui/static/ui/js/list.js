// Lists: sorting by a second column with Shift, dialogs that a selection asked for, chosen links in the filter builder.
import { present } from './dialog.js';
import { get } from './net.js';

// Shift adds the column to the order that is there, instead of replacing it.
document.addEventListener('click', event => {
	const link = event.shiftKey && event.target.closest('table[data-sort] a.sort');
	if (!link) return;
	event.preventDefault();
	event.stopPropagation();
	const url = new URL(link.href);
	url.searchParams.set('sort', together(link.closest('table').dataset.sort, link.closest('th').dataset.sorts));
	url.searchParams.delete('page');
	window.htmx.ajax('GET', url.pathname + url.search, { source: link, target: '#content', swap: 'innerHTML show:none' })
		.then(() => history.replaceState(history.state, '', url));
}, true);

function together(order, path) {
	const entries = order.split(',').filter(Boolean);
	const at = entries.findIndex(entry => entry.replace('-', '') === path);
	if (at < 0) entries.push(path);
	else entries[at] = entries[at].startsWith('-') ? path : `-${path}`;
	return entries.join(',');
}

document.addEventListener('htmx:afterSettle', event => {
	if (event.detail.target?.id === 'dialogs') present(event.detail.target);
});

// A link chosen in the builder becomes one of the values: the form is drawn anew.
document.addEventListener('change', event => {
	const form = event.target.closest('[data-restructures-within]')?.closest('form');
	if (form && event.target.matches('input[type="hidden"]') && event.target.value) window.htmx.trigger(form, 'submit');
});

// A value that was changed in its cell may change others of the row: those are read anew, the row stays where it is.
document.addEventListener('clientela:changed', async event => {
	const row = rowOf(document, event.detail.id);
	if (!row) return;
	const response = await get(location.pathname + location.search).catch(() => null);
	if (!response?.ok || response.redirected) return;
	const answer = new DOMParser().parseFromString(await response.text(), 'text/html');
	const fresh = rowOf(answer, event.detail.id);
	// One that the list would no longer show stays where it was worked on, and says so.
	row.toggleAttribute('data-gone', !fresh);
	row.title = fresh ? '' : row.closest('table').dataset.goneLabel;
	for (const [place, cell] of [...(fresh?.cells ?? [])].entries()) {
		const old = row.cells[place];
		if (place && old && !old.querySelector('form') && old.innerHTML !== cell.innerHTML) old.replaceChildren(...cell.childNodes);
	}
});

const rowOf = (root, id) => root.querySelector(`.data-table .check input[name="ids"][value="${id}"]`)?.closest('tr');
