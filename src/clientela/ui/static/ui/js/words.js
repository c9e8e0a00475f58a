// A right click on a stage, a source, a tag... opens its short form, for whoever sets the workspace up.
import { openFrom } from './dialog.js';

document.addEventListener('contextmenu', event => {
	const base = document.body.dataset.wordsUrl;
	if (!base || event.shiftKey) return;
	const url = event.target.closest('[data-word-url]')?.dataset.wordUrl ?? addressOf(base, event.target.closest('.status, .tag'));
	if (!url) return;
	event.preventDefault();
	openFrom(url);
});

// The word stands in a cell of a list, or in a field of a record's page.
function addressOf(base, mark) {
	const place = mark && fieldOf(mark);
	if (!place) return null;
	return `${base}${place.join('/')}/?text=${encodeURIComponent(mark.textContent.trim())}`;
}

function fieldOf(mark) {
	const [, plural, id, , name] = (mark.closest('[data-edit-url]')?.dataset.editUrl ?? '').split('/');
	if (name) return [plural, id, name];
	const cell = mark.closest('td');
	const link = mark.closest('tr[data-row]')?.querySelector('.primary a');
	const column = link && cell?.closest('table').tHead?.rows[0]?.cells[cell.cellIndex]?.dataset.sorts;
	return column && !column.includes('__') ? [...link.pathname.split('/').slice(1, 3), column] : null;
}
