// A page that waits for somebody on another device looks every few seconds and goes on by itself. Without this
// file the page has a link that does the same.
(() => {
  const root = document.querySelector('[data-waiting]');
  if (!root) return;
  const EVERY = 3000;
  const LONGEST = 35 * 60 * 1000; // a little longer than the link on the screen lives
  const began = Date.now();
  const look = async () => {
    if (Date.now() - began > LONGEST) return;
    try {
      const answer = await fetch(root.dataset.waiting, { headers: { Accept: 'text/plain' } });
      const now = answer.ok ? (await answer.text()).trim() : root.dataset.now;
      if (now !== root.dataset.now) {
        location.reload();
        return;
      }
    } catch {
      // No network for a moment: look again.
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
