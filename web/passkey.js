// Passkeys: asks the site for a question, the browser for an answer, and sends it. The forms are hidden
// until this finds that the browser can; every page has another way beside them.
(() => {
  const here = (site) => location.hostname === site || location.hostname.endsWith(`.${site}`);
  const all = [...document.querySelectorAll('form[data-passkey]')];
  const forms = all.filter((form) => here(form.dataset.passkeySite));
  const able = window.isSecureContext && window.PublicKeyCredential && navigator.credentials;
  if (!forms.length || !able) return;

  const LATER = 'That did not work. Try again in a few minutes.';
  const WORDS = {
    create: {
      NotAllowedError: 'No passkey was added. Try again when you are ready.',
      InvalidStateError: 'This device already has a passkey for you. It is on your list.',
      other: 'This device cannot keep a passkey for this site. Use another device, or another way to sign in.',
    },
    get: {
      NotAllowedError: 'No passkey was used. Try again, or use another way.',
      other: 'A passkey cannot be used here. Use another way.',
    },
  };

  // Bytes travel as base64url without padding.
  function bytes(text) {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (one) => one.charCodeAt(0));
  }

  function text(buffer) {
    const plain = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join('');
    return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  const listed = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = {
    create: (asked) => navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: listed(asked.excludeCredentials),
      },
    }),
    get: (asked) => navigator.credentials.get({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        allowCredentials: listed(asked.allowCredentials),
      },
    }),
  };

  function written(credential) {
    const response = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      const part = credential.response[name];
      if (part) response[name] = text(part);
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    });
  }

  // What the site says: options to go on with; or nothing, when the page changes.
  async function send(path, fields) {
    const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
    if (answer.redirected) {
      location.assign(answer.url);
      return null;
    }
    if (!(answer.headers.get('content-type') ?? '').startsWith('application/json')) return { error: LATER };
    const said = await answer.json();
    if (said.next) location.assign(said.next);
    return said.next ? null : said;
  }

  // A sentence when something went wrong; nothing when the page changes.
  async function run(form) {
    const kind = form.dataset.passkey;
    const fields = Object.fromEntries(new FormData(form));
    const asked = await send(form.dataset.passkeyBegin, fields);
    if (!asked || asked.error) return asked?.error ?? '';
    let credential;
    try {
      credential = await ask[kind](asked.options.publicKey);
    } catch (error) {
      return WORDS[kind][error.name] ?? WORDS[kind].other;
    }
    const done = await send(form.getAttribute('action'), { ...fields, answer: written(credential) });
    return done?.error ?? '';
  }

  for (const form of forms) {
    const said = form.querySelector('[data-passkey-said]');
    const button = form.querySelector('button');
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      said.textContent = '';
      button.disabled = true;
      try {
        said.textContent = await run(form);
      } catch {
        said.textContent = LATER;
      }
      button.disabled = false;
      if (said.textContent) button.focus();
    });
  }
  document.querySelectorAll('[data-passkey-without]').forEach((sentence) => { sentence.hidden = true; });
})();
