// Whether an answer is the sign-in page. A write that got it has said so already, and what was typed stays.
export const away = response => response.redirected && new URL(response.url).pathname.startsWith('/account/');
