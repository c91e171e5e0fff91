// Opens a phone's own camera by a file input, which needs no https, and hands the
// photograph to the page's file uploader: it goes the way of every other file.
// data: label, uploader (the class of the container that holds the uploader).

export default function (component) {
  const { data, parentElement } = component;
  const input = parentElement.querySelector("input");
  parentElement.querySelector("span").textContent = data.label;
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
