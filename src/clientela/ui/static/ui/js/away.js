// Whether an answer is the sign-in page. A write that got it has said so already, and what was typed stays.
const leads = url => new URL(url, location.href).pathname.startsWith('/account/');

export const away = response => response.redirected && leads(response.url);

export const isSignIn = xhr => leads(xhr.responseURL || location.href) && !leads(location.href);
