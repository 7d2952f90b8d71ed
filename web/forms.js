// Small helps for forms. Every page works without this file.
(() => {
  // After a failed check the summary is read out first, and Tab goes on from there.
  const summary = document.querySelector('[data-error-summary], [data-banner-focus]');
  if (summary) {
    summary.setAttribute('tabindex', '-1');
    summary.focus();
    summary.addEventListener('blur', () => summary.removeAttribute('tabindex'), { once: true });
  }

  // A link in the summary goes to the field itself, with its label in view.
  document.querySelectorAll('[data-error-summary] a[href^="#"]').forEach((link) => {
    link.addEventListener('click', (event) => {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      const label = field.closest('fieldset')?.querySelector('legend') ?? field.labels?.[0];
      (label ?? field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  });

  // An impatient second press within a second does not send a form twice.
  document.querySelectorAll('form').forEach((form) => {
    let last = -Infinity;
    form.addEventListener('submit', (event) => {
      if (event.timeStamp - last < 1000) event.preventDefault();
      else last = event.timeStamp;
    });
  });

  // How much room a long answer has left: said for the eye at once, aloud after a pause.
  document.querySelectorAll('textarea[data-limit]').forEach((area) => {
    const note = document.getElementById(`${area.id}-limit`);
    const limit = Number(area.dataset.limit);
    if (!note || !limit) return;
    let timer;
    const say = () => {
      const left = limit - [...area.value].length;
      const count = Math.abs(left).toLocaleString('en-GB');
      const unit = Math.abs(left) === 1 ? 'character' : 'characters';
      note.textContent = left < 0 ? `You have ${count} ${unit} too many` : `You have ${count} ${unit} left`;
      note.classList.toggle('dl-over-limit', left < 0);
    };
    note.setAttribute('aria-live', 'polite');
    area.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(say, 300);
    });
    if (area.value) say();
  });

  document.querySelectorAll('[data-print]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
})();
