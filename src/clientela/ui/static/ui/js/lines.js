// Repeatable rows of a form: addresses, phones, conditions.
// [data-lines] holds rows [data-line], a <template> with __n__ where the row's number goes, and a button [data-add-line].
let number = Date.now() % 1e6;

export function addLine(lines, template = lines.querySelector('template')) {
	const holder = document.createElement('template');
	holder.innerHTML = template.innerHTML.replaceAll('__n__', `new${number++}`);
	const line = holder.content.firstElementChild;
	template.before(line);
	window.htmx.process(line);
	line.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
	changed(lines);
	return line;
}

function removeLine(line) {
	const lines = line.closest('[data-lines]');
	const gone = line.querySelector('input[data-delete]');
	if (gone) {
		gone.value = '1';
		line.hidden = true;
	} else {
		line.remove();
	}
	lines.querySelector('[data-add-line]')?.focus();
	changed(lines);
}

const changed = lines => lines.dispatchEvent(new Event('change', { bubbles: true }));

document.addEventListener('click', event => {
	const add = event.target.closest('[data-add-line]');
	const remove = event.target.closest('[data-remove-line]');
	if (remove) return removeLine(remove.closest('[data-line]'));
	if (!add) return;
	const lines = add.closest('[data-lines]');
	const named = add.dataset.addLine && lines.querySelector(`template[data-name="${CSS.escape(add.dataset.addLine)}"]`);
	addLine(lines, named || undefined);
});

// Only one row of a list is the main one.
document.addEventListener('change', event => {
	if (!event.target.matches('[data-main-line]') || !event.target.checked) return;
	for (const other of event.target.closest('[data-lines]').querySelectorAll('[data-main-line]')) other.checked = other === event.target;
});
