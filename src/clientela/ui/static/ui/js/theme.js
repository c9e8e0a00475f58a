// Light or dark: at once here, and kept in the profile.
import { post } from './net.js';

document.addEventListener('click', event => {
	const theme = event.target.closest('[data-set-theme]')?.dataset.setTheme;
	const root = document.documentElement;
	if (theme === undefined) return;
	if (theme) root.dataset.theme = theme;
	else delete root.dataset.theme;
	if (root.dataset.themeUrl) post(root.dataset.themeUrl, { theme }).catch(() => null);
});
