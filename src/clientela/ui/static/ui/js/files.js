// Files dropped on their panel go the way of those chosen in it; the bar tells how much has been sent.
const panelOf = event => event.target.closest?.('[data-files]');
const carries = event => event.dataTransfer?.types.includes('Files');

for (const name of ['dragenter', 'dragover']) document.addEventListener(name, event => {
	const panel = panelOf(event);
	if (!panel || !carries(event)) return;
	event.preventDefault();
	panel.dataset.over = '';
});

document.addEventListener('dragleave', event => {
	const panel = panelOf(event);
	if (panel && !panel.contains(event.relatedTarget)) delete panel.dataset.over;
});

document.addEventListener('drop', event => {
	const panel = panelOf(event);
	if (!panel || !carries(event)) return;
	event.preventDefault();
	delete panel.dataset.over;
	const input = panel.querySelector('input[type="file"]');
	input.files = event.dataTransfer.files;
	input.dispatchEvent(new Event('change', { bubbles: true }));
});

document.addEventListener('htmx:xhr:progress', event => {
	const bar = panelOf(event)?.querySelector('progress');
	if (!bar || !event.detail.lengthComputable) return;
	bar.hidden = false;
	bar.value = Math.round(event.detail.loaded / event.detail.total * 100);
});
