// Small pictures in named groups, one of which is chosen.
// data: groups [{title, pictures: [{name, title, src}]}], selected.

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".groups");
  const focused = parentElement.getRootNode().activeElement?.dataset?.name;
  box.replaceChildren(...data.groups.map(({ title, pictures }, at) => {
    const group = document.createElement("div");
    group.className = "group";
    group.setAttribute("role", "group");
    const head = document.createElement("span");
    head.id = `group-${at}`;
    head.textContent = title;
    group.setAttribute("aria-labelledby", head.id);
    const row = document.createElement("div");
    row.className = "row";
    for (const picture of pictures) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.name = picture.name;
      button.title = picture.title;
      button.setAttribute("aria-pressed", String(picture.name === data.selected));
      const img = document.createElement("img");
      img.src = picture.src;
      img.alt = picture.title;
      img.draggable = false;
      button.append(img);
      button.onclick = () => {
        for (const one of box.querySelectorAll("button")) {
          one.setAttribute("aria-pressed", String(one === button));
        }
        setTriggerValue("picked", picture.name);
      };
      row.append(button);
    }
    group.append(head, row);
    return group;
  }));
  box.querySelector(`[data-name="${focused}"]`)?.focus();
}
