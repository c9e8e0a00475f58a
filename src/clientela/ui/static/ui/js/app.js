// What every page loads; what only some pages need comes when it appears.
import './htmx-setup.js';
import './dialog.js';
import './toast.js';
import './popover.js';
import './theme.js';
import './selection.js';
import './inline-edit.js';
import './keyboard.js';
import './page.js';
import './composer.js';

const later = {
	'[hx-history-elt], [hx-push-url]': () => import('./history.js'),
	'[data-board]': () => import('./board.js'),
	'.column-chooser, [data-resize]': () => import('./columns.js'),
	'[data-order-url]': () => import('./order.js'),
	'[data-words-url]': () => import('./words.js'),
	'[data-step]': () => import('./steps.js'),
	'[data-month]': () => import('./calendar.js'),
	'[data-sort], .filter-builder': () => import('./list.js'),
	'[data-lines]': () => import('./lines.js'),
	'[data-files]': () => import('./files.js'),
	'[data-rights]': () => import('./rights.js'),
	'[data-combobox]': () => import('./autocomplete.js'),
};

function bring() {
	for (const [selector, load] of Object.entries(later)) {
		if (!document.querySelector(selector)) continue;
		delete later[selector];
		load();
	}
}

document.addEventListener('htmx:load', bring);
bring();

// The palette opens at once; what fills it comes the first time.
function openPalette(event) {
	const palette = document.getElementById('palette');
	event.preventDefault();
	event.stopImmediatePropagation();
	if (!palette || palette.open) return;
	palette.querySelector('input').value = '';
	palette.showModal();
	import('./palette.js').then(({ begin }) => begin());
}

// It is fetched while nothing else is done, so that it also opens without a connection.
const fetchPalette = () => import('./palette.js');
window.addEventListener('load', () => window.requestIdleCallback?.(fetchPalette) ?? setTimeout(fetchPalette, 2000));

document.addEventListener('click', event => event.target.closest('[data-open="palette"]') && openPalette(event), true);
document.addEventListener('keydown', event => (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && openPalette(event));
