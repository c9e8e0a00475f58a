// Small things every page needs.
const PHONE = matchMedia('(max-width: 40rem)');

// A select that goes to the chosen address (or the one that `data-go-to` begins), as the link beside it would (htmx attributes of the surroundings hold).
document.addEventListener('change', event => {
	if (!event.target.matches('select[data-go-to]')) return;
	const link = document.createElement('a');
	link.href = event.target.dataset.goTo + event.target.value;
	link.hidden = true;
	event.target.after(link);
	window.htmx?.process(link);
	link.click();
});

// Forms that send themselves when something in them changes.
document.addEventListener('change', event => event.target.form?.matches('[data-auto-submit]') && event.target.form.requestSubmit());

document.addEventListener('click', async event => {
	const button = event.target.closest('[data-copy]');
	if (button) await navigator.clipboard.writeText(button.dataset.copy);
});

// After a refused form the first field in error gets the focus.
function arrange(root) {
	if (PHONE.matches) for (const fold of root.querySelectorAll('.playbook, [data-fold-on-phone]')) fold.removeAttribute('open');
	root.querySelector('.stage-path [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
	root.querySelector('form:not([data-inline-editor]) [aria-invalid="true"]')?.focus();
}

document.addEventListener('htmx:load', event => event.detail.elt !== document.body && arrange(event.detail.elt));
arrange(document);

// A control that is only an icon says its name under the pointer.
document.addEventListener('pointerover', event => {
	const control = event.target.closest?.(':is(.icon-button, .segmented a)[aria-label]:not([title])');
	if (control) control.title = control.getAttribute('aria-label');
});
