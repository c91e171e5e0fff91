// A button for one's own photograph. With a finger it opens the device's camera, by a
// file input, which needs no https, and a second one opens its files. The photograph is
// handed to the page's file uploader: it goes the way of every other file.
// data: label, other (null: no second button, and none at all without a finger),
// uploader (the class of the container that holds the uploader).

export default function ({ data, parentElement }) {
  const [main, other] = parentElement.querySelectorAll("label");
  const finger = matchMedia("(pointer: coarse)").matches;
  const name = (label, text) => {
    label.querySelector("span").textContent = text;
    label.querySelector("input").setAttribute("aria-label", text);
  };
  name(main, data.label);
  name(other, data.other ?? "");
  main.classList.toggle("main", data.other !== null);
  main.hidden = data.other === null && !finger;
  other.hidden = data.other === null || !finger;
  if (finger) main.querySelector("input").setAttribute("capture", "environment");
  for (const input of parentElement.querySelectorAll("input")) {
    input.onchange = () => {
      const uploader = document.querySelector(`.${data.uploader} input[type=file]`);
      if (!uploader || !input.files.length) return;
      const files = new DataTransfer();
      files.items.add(input.files[0]);
      uploader.files = files.files;
      uploader.dispatchEvent(new Event("change", { bubbles: true }));
      input.value = "";
    };
  }
}
