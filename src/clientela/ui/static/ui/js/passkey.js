// Passkeys: the form's options go to the browser, what its authenticator answers goes back with the form.
const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter => letter.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const credentials = list => list?.map(each => ({ ...each, id: bytes(each.id) }));

function forCreating(options, alone) {
	const selection = { ...options.authenticatorSelection };
	if (alone) Object.assign(selection, { residentKey: 'required', requireResidentKey: true, userVerification: 'required' });
	return {
		...options,
		challenge: bytes(options.challenge),
		user: { ...options.user, id: bytes(options.user.id) },
		excludeCredentials: credentials(options.excludeCredentials),
		authenticatorSelection: selection,
	};
}

const forGetting = options => ({ ...options, challenge: bytes(options.challenge), allowCredentials: credentials(options.allowCredentials) });

function asJSON(found) {
	const response = { clientDataJSON: text(found.response.clientDataJSON) };
	for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle'])
		if (found.response[name]) response[name] = text(found.response[name]);
	return {
		id: found.id,
		rawId: text(found.rawId),
		type: found.type,
		authenticatorAttachment: found.authenticatorAttachment ?? undefined,
		response,
		clientExtensionResults: found.getClientExtensionResults(),
	};
}

async function options(form) {
	if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
	const answer = await fetch(form.action, { headers: { Accept: 'application/json' } });
	if (!answer.ok) throw new Error(String(answer.status));
	return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
	const given = await options(form);
	if (form.dataset.passkey === 'create') {
		return navigator.credentials.create({ publicKey: forCreating(given, form.elements.passwordless?.checked) });
	}
	return navigator.credentials.get({ publicKey: forGetting(given) });
}

function tell(reason) {
	const place = document.querySelector('[data-passkey-failed]');
	const words = place?.querySelector('span');
	if (!words) return;
	words.textContent = words.dataset[reason];
	place.hidden = false;
}

document.addEventListener('submit', async event => {
	const form = event.target;
	if (!form.matches('[data-passkey]')) return;
	event.preventDefault();
	event.stopImmediatePropagation();
	if (!window.PublicKeyCredential) {
		tell('textUnavailable');
		return;
	}
	try {
		form.elements.credential.value = JSON.stringify(asJSON(await ask(form)));
	} catch {
		tell('textFailed');
		return;
	}
	form.submit();
}, true);
