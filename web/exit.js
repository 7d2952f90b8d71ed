// "Exit this page": the link works by itself. This hides what is on the screen at once, takes
// this page's own place in the history, and answers Shift or Escape pressed three times.
(() => {
  const link = document.querySelector('[data-exit]');
  if (!link) return;
  const WITHIN = 3000; // milliseconds for the three presses
  const presses = { Shift: [], Escape: [] };

  function leave() {
    document.documentElement.classList.add('dl-leaving');
    document.title = 'Loading';
    window.location.replace(link.href);
  }

  link.addEventListener('click', (event) => {
    event.preventDefault();
    leave();
  });

  document.addEventListener('keyup', (event) => {
    for (const key of Object.keys(presses)) {
      if (event.key !== key) presses[key] = [];
    }
    const times = presses[event.key];
    if (!times) return;
    times.push(event.timeStamp);
    while (event.timeStamp - times[0] > WITHIN) times.shift();
    if (times.length >= 3) leave();
  });

  // Coming back by the browser's own memory of the page must not show it again.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted && document.documentElement.classList.contains('dl-leaving')) window.location.reload();
  });
})();
