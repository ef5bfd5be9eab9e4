// @ts-check
// What the cart's page is without this, only quicker: a form is sent in the background, and the answer takes the page's place.
// It is the same page for everybody, so whatever goes wrong here ends in the way without it.

const CART = '/cart';
/** Buttons that were pressed while an answer was awaited, by their ids: the next page has them too. */
/** @type {string[]} */
const pressed = [];
let busy = false;

document.documentElement.classList.add('scripted');

const isOfCart = (/** @type {HTMLFormElement | null} */ form) =>
  form !== null && form.method === 'post' && new URL(form.action).pathname === CART;

const versionOf = (/** @type {ParentNode} */ page) =>
  page.querySelector('[data-cart-version]')?.getAttribute('data-cart-version');

/** @param {RequestInit} request */
async function askFor(request) {
  const answer = await fetch(CART, { ...request, credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`the cart answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

/** @param {Document} page */
function show(page) {
  const fresh = page.getElementById('main');
  const old = document.getElementById('main');
  if (!fresh || !old) throw new Error('the answer is no page of the cart');
  const focused = document.activeElement?.id;
  old.replaceWith(fresh);
  for (const count of document.querySelectorAll('.count'))
    count.textContent = page.querySelector('.count')?.textContent ?? '';
  if (focused) document.getElementById(focused)?.focus();
  const words = fresh.querySelector('[data-announce]') ?? fresh.querySelector('.grand');
  const place = document.getElementById('announcement');
  if (place) place.textContent = words?.textContent ?? '';
}

/** @param {URLSearchParams} body */
async function send(body) {
  busy = true;
  document.getElementById('main')?.setAttribute('aria-busy', 'true');
  try {
    show(await askFor({ method: 'POST', body }));
    busy = false;
  } catch {
    location.reload();
    return;
  }
  const next = pressed.shift();
  if (next) document.getElementById(next)?.click();
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !isOfCart(form)) return;
  event.preventDefault();
  if (busy) {
    if (event.submitter?.id) pressed.push(event.submitter.id);
    return;
  }
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, event.submitter))
    if (typeof value === 'string') body.append(name, value);
  void send(body);
});

document.addEventListener('change', (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.name === 'quantity' && isOfCart(field.form))
    field.form?.requestSubmit();
});

// What another tab changed is here when one comes back to this one.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible' || location.pathname !== CART || busy) return;
  askFor({})
    .then((page) => {
      if (!busy && versionOf(page) !== versionOf(document)) show(page);
    })
    .catch(() => undefined);
});
