// The clock of a replay: play, pause, scrub, speed. Knows nothing of what is shown.

const SECONDS = 10; // that a replay takes at ×1

const fill = (text, values) =>
  (text ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

class Player {
  // root has .play, .scrub and [data-speed]; show(part) draws, part from 0 to 1.
  constructor(root, show, seconds = SECONDS) {
    this.root = root;
    this.show = show;
    this.seconds = seconds;
    this.part = 0;
    this.speed = 1;
    this.button = root.querySelector(".play");
    this.scrub = root.querySelector(".scrub");
    this.speeds = [...root.querySelectorAll("[data-speed]")];
    this.button.onclick = () => (this.timer ? this.pause() : this.play());
    this.scrub.oninput = () => {
      this.pause();
      this.go(Number(this.scrub.value) / Number(this.scrub.max));
    };
    for (const one of this.speeds) {
      one.onclick = () => {
        this.speed = Number(one.dataset.speed);
        this.label();
      };
    }
  }

  take(words) {
    this.words = words;
    this.scrub.ariaLabel = words.scrub;
    for (const one of this.speeds) {
      one.ariaLabel = fill(words.speed, { speed: one.dataset.speed });
    }
    this.label();
  }

  label() {
    const still = !this.timer;
    const over = still && this.part >= 1;
    this.button.textContent = still
      ? `▶ ${over ? this.words.again : this.words.play}` : `⏸ ${this.words.pause}`;
    this.button.ariaPressed = String(!still);
    for (const one of this.speeds) {
      one.ariaPressed = String(Number(one.dataset.speed) === this.speed);
    }
  }

  go(part) {
    this.part = Math.min(1, Math.max(0, part));
    this.scrub.value = Math.round(this.part * Number(this.scrub.max));
    this.scrub.ariaValueText = this.show(this.part) ?? "";
  }

  // With reduced motion it is at its end at once; scrubbing shows what lies between.
  play() {
    this.pause();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.go(1);
      return this.label();
    }
    if (this.part >= 1) this.go(0);
    let before = performance.now();
    const tick = (now) => {
      const passed = Math.max(0, now - before) / 1000;
      before = now;
      this.go(this.part + (passed * this.speed) / this.seconds);
      this.timer = this.part < 1 ? requestAnimationFrame(tick) : null;
      if (!this.timer) this.label();
    };
    this.timer = requestAnimationFrame(tick);
    this.label();
  }

  pause() {
    cancelAnimationFrame(this.timer);
    this.timer = null;
    this.label();
  }
}
