// Before a session ends by rest: a warning in time, and a way to stay. When it has ended, what stands on
// the page is covered, not thrown away: the same person signs in again in another tab and goes on.
// Without this file the server ends the session all the same.
(() => {
  if (!document.querySelector('.dl-signed-in')) return;
  const WARN = 120; // seconds before the end
  const LOOK = 5; // seconds between two looks while the page is covered
  let mine = '';
  let timer;
  let box;

  const later = (seconds, then) => {
    clearTimeout(timer);
    timer = setTimeout(then, Math.max(1, seconds) * 1000);
  };

  async function look() {
    const answer = await fetch('/session', { cache: 'no-store' });
    return answer.status === 200 ? answer.json() : null;
  }

  function show(heading, words, button, pressed) {
    if (!box) {
      box = document.createElement('dialog');
      box.className = 'dl-session';
      box.setAttribute('aria-labelledby', 'dl-session-heading');
      box.addEventListener('cancel', (event) => event.preventDefault());
      document.body.append(box);
    }
    box.replaceChildren();
    const title = document.createElement('h2');
    title.id = 'dl-session-heading';
    title.className = 'nhsuk-heading-m';
    title.textContent = heading;
    const text = document.createElement('p');
    text.setAttribute('role', 'status');
    text.textContent = words;
    const act = document.createElement('button');
    act.type = 'button';
    act.className = 'nhsuk-button';
    act.textContent = button;
    act.addEventListener('click', pressed);
    box.append(title, text, act);
    if (!box.open) box.showModal();
  }

  function hide() {
    document.documentElement.classList.remove('dl-covered');
    if (box?.open) box.close();
  }

  async function stay() {
    try {
      await fetch('/session/stay', { method: 'POST' });
    } catch {
      // The next look says what is true.
    }
    hide();
    check();
  }

  function warn(left) {
    const minutes = Math.max(1, Math.round(left.seconds / 60));
    const unit = minutes === 1 ? 'minute' : 'minutes';
    if (left.most <= left.seconds) {
      const words = `In about ${minutes} ${unit} you will be signed out, because you signed in long ago. Save what you are doing now.`;
      show('You will soon be signed out', words, 'Go on', hide);
      later(left.seconds + 1, check);
      return;
    }
    const words = `You have not done anything for a while. In about ${minutes} ${unit} you will be signed out.`;
    show('Are you still there?', words, 'Stay signed in', stay);
    later(left.seconds + 1, check);
  }

  function cover() {
    document.documentElement.classList.add('dl-covered');
    const words = 'What you typed is still on this page, out of sight. Sign in again in a new tab, then come back to this one.';
    show('You were signed out', words, 'Sign in (opens a new tab)', () => window.open('/sign-in', '_blank', 'noopener'));
    later(LOOK, check);
  }

  async function check() {
    let left;
    try {
      left = await look();
    } catch {
      later(30, check);
      return;
    }
    if (!left) {
      cover();
    } else if (mine && left.person !== mine) {
      window.location.replace('/');
    } else {
      mine = left.person;
      if (document.documentElement.classList.contains('dl-covered')) hide();
      if (left.seconds > WARN) {
        if (box?.open) hide();
        later(left.seconds - WARN, check);
      } else {
        warn(left);
      }
    }
  }

  // A page that slept (a closed lid) asks at once when it is looked at again.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) check();
  });
  check();
})();
