// What the pages do better with a script: everything can be read, and every form sent, without it.
"use strict";

// Buttons that copy the code they stand above.
for (const button of document.querySelectorAll("button.copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.closest("figure").querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

// A form with a preview asks for it again as it is filled in. The answer is a piece of a page, made by the server.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById("preview");
  let last = 0;
  let waiting;
  const ask = async () => {
    const number = ++last;
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const piece = await answer.text();
    if (answer.ok && !answer.redirected && number === last) {
      shown.replaceChildren(...new DOMParser().parseFromString(piece, "text/html").body.childNodes);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
}

// A page about something that is on its way looks again.
if (document.querySelector("[data-again]")) {
  setTimeout(() => location.reload(), 2000);
}

// The path of a request is completed from the table of the service: first the path, behind its `?` the keys of the query.
for (const input of document.querySelectorAll("input[data-paths]")) {
  const method = input.form.elements.method;
  let rows;
  const typed = (row, parts) => row.split("/").map((part, at) => (part.startsWith("{") && parts[at] ? parts[at] : part)).join("/");
  // What stands in braces is a name; names do not begin with an underscore. The last part may be the beginning of one.
  const fits = (row, parts) => row.split("/").length >= parts.length && parts.every((seen, at) => {
    const part = row.split("/")[at];
    if (part.startsWith("{")) return !seen.startsWith("_");
    return part === seen || (at === parts.length - 1 && part.startsWith(seen));
  });
  const complete = async () => {
    rows ??= await fetch(input.dataset.paths).then((answer) => (answer.ok && !answer.redirected ? answer.json() : undefined));
    if (!rows) return;
    const [path, query] = input.value.split(/\?(.*)/s);
    const parts = path.split("/");
    const mine = rows.filter(([of, row]) => of === method.value && fits(row, parts));
    const begun = query?.replace(/[^&]*$/, "");
    const exact = mine.filter(([, row]) => row.split("/").length === parts.length && typed(row, parts) === path);
    const options = query === undefined
      ? mine.map(([, row]) => typed(row, parts))
      : exact.flatMap(([, , keys]) => keys.filter((key) => key.startsWith(query.slice(begun.length))).map((key) => `${path}?${begun}${key}=`));
    input.list.replaceChildren(...[...new Set(options)].slice(0, 40).map((value) => Object.assign(document.createElement("option"), { value })));
  };
  for (const event of ["focus", "input"]) input.addEventListener(event, complete);
}
