// Signing by hand. The drawing pad is hidden until this runs; typing a name always works.
//
// What is drawn is kept as {"v":1,"w":1000,"h":H,"s":[[x,y,x,y,…],…]}: one list a stroke,
// whole thousandths of the pad's width on both axes, so it prints sharply at any size.
(() => {
  const UNITS = 1000;
  const STEP = 3; // points nearer than this to the last one are left out
  const MOST_POINTS = 4000; // about 35 kB; a signature takes a few hundred

  function readStrokes(text) {
    try {
      const kept = JSON.parse(text);
      return Array.isArray(kept.s) ? kept.s : [];
    } catch {
      return [];
    }
  }

  function start(root) {
    const canvas = root.querySelector('canvas');
    const store = root.querySelector('input[type="hidden"]');
    const clear = root.querySelector('[data-clear]');
    const said = root.querySelector('[role="status"]');
    const pen = canvas.getContext('2d');
    let strokes = readStrokes(store.value);
    let current = null;

    function redraw() {
      const scale = canvas.width / UNITS;
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.lineWidth = Math.max(2, 6 * scale);
      pen.lineCap = pen.lineJoin = 'round';
      pen.strokeStyle = '#10222e';
      for (const stroke of strokes) {
        pen.beginPath();
        pen.moveTo(stroke[0] * scale, stroke[1] * scale);
        for (let i = 0; i < stroke.length; i += 2) pen.lineTo(stroke[i] * scale, stroke[i + 1] * scale);
        pen.stroke();
      }
    }

    function fit() {
      const box = canvas.getBoundingClientRect();
      const density = window.devicePixelRatio || 1;
      canvas.width = Math.round(box.width * density);
      canvas.height = Math.round(box.height * density);
      redraw();
    }

    function keep() {
      const height = Math.round((UNITS * canvas.height) / canvas.width);
      store.value = strokes.length ? JSON.stringify({ v: 1, w: UNITS, h: height, s: strokes }) : '';
      clear.disabled = strokes.length === 0;
    }

    function add(event) {
      const box = canvas.getBoundingClientRect();
      const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
      const most = (UNITS * box.height) / box.width;
      const x = within(((event.clientX - box.left) / box.width) * UNITS, UNITS);
      const y = within(((event.clientY - box.top) / box.width) * UNITS, Math.floor(most));
      const [lastX, lastY] = current.slice(-2);
      const points = strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0);
      const near = current.length && Math.hypot(x - lastX, y - lastY) < STEP;
      if (!near && points < MOST_POINTS) current.push(x, y);
    }

    canvas.addEventListener('pointerdown', (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      current = [];
      strokes.push(current);
      add(event);
      redraw();
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!current || !event.isPrimary) return;
      for (const each of event.getCoalescedEvents?.() ?? [event]) add(each);
      redraw();
    });
    const lift = () => {
      if (!current) return;
      current = null;
      strokes = strokes.filter((stroke) => stroke.length > 1);
      keep();
      said.textContent = root.dataset.drawn;
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    clear.addEventListener('click', () => {
      strokes = [];
      keep();
      redraw();
      said.textContent = root.dataset.cleared;
    });

    root.querySelectorAll('[data-pad]').forEach((part) => { part.hidden = false; });
    new ResizeObserver(fit).observe(canvas);
    fit();
    keep();
  }

  document.querySelectorAll('[data-signature]').forEach(start);
})();
