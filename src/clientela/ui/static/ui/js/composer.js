// Ctrl Enter sends the form one is writing in.
document.addEventListener('keydown', event => {
	if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
	const form = event.target.closest('form:not([data-inline-editor])');
	if (!form) return;
	event.preventDefault();
	form.requestSubmit(form.querySelector('[data-default], [type="submit"]'));
});
