// Copies the address of the page, or another, or shows it in a field where the browser
// lends no clipboard (a page without https).
// data: address ("": the page's), label, copied, by_hand (what to do with the field).

const SHOWN_MS = 2500; // that the button says it has copied
const EDGE = 16; // pixels left free at the window's edge
const listening = new WeakMap();

export default function ({ data, parentElement }) {
  const [button, label, box, said] = ["button", ".label", ".by-hand", ".said"].map((name) =>
    parentElement.querySelector(name));
  const input = box.querySelector("input");
  let timer = 0;

  const tell = (done) => {
    label.textContent = done ? data.copied : data.label;
    label.classList.toggle("done", done);
  };
  tell(false);
  box.setAttribute("aria-label", data.label);
  box.querySelector("span").textContent = data.by_hand;

  const close = () => {
    box.hidden = true;
    button.setAttribute("aria-expanded", "false");
  };
  const byHand = () => {
    input.value = data.address || location.href;
    box.hidden = false;
    button.setAttribute("aria-expanded", "true");
    box.style.left = "0"; // beneath the button, and within the window
    const { left, width } = box.getBoundingClientRect();
    box.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - EDGE - width)) - left}px`;
    input.focus();
    input.select();
  };
  const copied = () => {
    tell(true);
    said.textContent = data.copied;
    clearTimeout(timer);
    timer = setTimeout(() => {
      tell(false);
      said.textContent = "";
    }, SHOWN_MS);
  };

  button.onclick = async () => {
    if (!box.hidden) return close();
    if (!navigator.clipboard) return byHand();
    try {
      await navigator.clipboard.writeText(data.address || location.href);
      copied();
    } catch {
      byHand(); // the visitor, or a setting, has refused it
    }
  };
  input.onfocus = () => input.select();
  box.onkeydown = (event) => {
    if (event.key !== "Escape") return;
    close();
    button.focus();
  };
  const elsewhere = (event) => {
    if (!box.hidden && !event.composedPath().includes(box.parentElement)) close();
  };
  listening.get(parentElement)?.abort(); // each drawing of the page calls this again
  const listens = new AbortController();
  listening.set(parentElement, listens);
  document.addEventListener("pointerdown", elsewhere, { signal: listens.signal });

  return () => {
    clearTimeout(timer);
    listening.get(parentElement)?.abort();
  };
}
