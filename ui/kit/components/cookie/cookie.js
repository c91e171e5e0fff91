// Asks the server to set or clear the sign-in's cookie, which no script can see, and
// goes on. Asked once, however often the page is drawn meanwhile.
// data: url and body (what is posted where), then (the path to go to), message (meanwhile).

const asked = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.querySelector(".message").textContent = data.message;
  if (asked.get(parentElement) === data.body) return;
  asked.set(parentElement, data.body);

  // The browser may keep this page, to show it again at Back: then it must ask anew.
  const hide = () => {
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
    document.getElementById("root").hidden = true;
  };

  fetch(data.url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: data.body,
  }).then(
    (answer) => {
      if (!answer.ok) {
        setTriggerValue("failed", answer.status);
        return;
      }
      hide();
      location.replace(data.then);
    },
    () => setTriggerValue("failed", 0),
  );
}
