"use strict";
// Without this script the page shows everything, and a cell is a link to its detail further down.
{
  const root = document.documentElement;
  const matrix = document.querySelector(".matrix");
  const groups = [...matrix.tBodies];
  const filter = document.getElementById("filter");
  const dialog = document.querySelector("dialog");
  const opened = dialog.querySelector("div");
  root.classList.add("scripted");
  document.querySelector(".tools").hidden = false;

  // Which rows are shown. A detail's words belong to its row's, so that messages are found too.

  const rows = [...matrix.querySelectorAll("tr[data-find]")];
  const words = new Map();
  for (const row of rows) {
    const anchors = new Set([...row.querySelectorAll("a")].flatMap((link) => link.dataset.details.split(" ")));
    const said = [...anchors].map((anchor) => document.getElementById(anchor).textContent);
    words.set(row, [row.dataset.find, ...said].join(" ").toLowerCase());
  }
  const chosen = () => document.querySelector("input[name=show]:checked").value;
  const isFolded = (group) => group.querySelector("button").getAttribute("aria-expanded") === "false";

  const show = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kind = chosen();
    let count = 0;
    for (const group of groups) {
      let inGroup = 0;
      for (const row of group.querySelectorAll("tr[data-find]")) {
        // Who looks for something means all requirements, whatever else is shown.
        const isShown = wanted.length > 0 || kind === "all" || kind in row.dataset;
        const fits = isShown && wanted.every((word) => words.get(row).includes(word));
        row.hidden = !fits || isFolded(group);
        inGroup += fits;
      }
      group.hidden = inGroup === 0;
      count += inGroup;
    }
    document.getElementById("count").textContent = `${count} of ${rows.length} requirement${rows.length === 1 ? "" : "s"}`;
    document.getElementById("nothing").hidden = count > 0;
    matrix.parentElement.hidden = count === 0;
    keepOneStop();
  };
  const foldAll = (folded) => {
    for (const group of groups) group.querySelector("button").setAttribute("aria-expanded", String(!folded));
    show();
  };
  for (const group of groups) {
    const button = group.querySelector("button");
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(isFolded(group)));
      show();
    });
  }
  filter.addEventListener("input", show);
  document.querySelector(".tools fieldset").addEventListener("change", show);
  document.getElementById("fold").addEventListener("click", () => foldAll(true));
  document.getElementById("unfold").addEventListener("click", () => foldAll(false));
  document.getElementById("reset").addEventListener("click", () => {
    filter.value = "";
    document.querySelector("input[name=show][value=all]").checked = true;
    show();
    filter.focus();
  });

  // Of all cells one is a stop of the Tab key; arrows lead from it to the others.

  const links = [...matrix.querySelectorAll("td a")];
  for (const link of links) link.tabIndex = -1;
  let stop = null;
  const stopAt = (link) => {
    if (stop) stop.tabIndex = -1;
    stop = link;
    if (stop) stop.tabIndex = 0;
  };
  const shown = () => rows.filter((row) => !row.hidden && !row.parentElement.hidden);
  const linksOf = (row) => [...row.querySelectorAll("a")];
  const keepOneStop = () => {
    if (!stop || stop.closest("tr").hidden || stop.closest("tbody").hidden) {
      const first = shown()[0];
      stopAt(first ? linksOf(first)[0] : null);
    }
  };
  matrix.addEventListener("focusin", (event) => {
    if (event.target.matches("td a")) stopAt(event.target);
  });
  matrix.addEventListener("keydown", (event) => {
    const link = event.target.closest("td a");
    if (!link || event.altKey || event.metaKey) return;
    const visible = shown();
    let row = visible.indexOf(link.closest("tr"));
    let column = linksOf(visible[row]).indexOf(link);
    const last = linksOf(visible[row]).length - 1;
    const moves = {
      ArrowUp: () => (row -= 1),
      ArrowDown: () => (row += 1),
      ArrowLeft: () => (column -= 1),
      ArrowRight: () => (column += 1),
      Home: () => ((column = 0), event.ctrlKey && (row = 0)),
      End: () => ((column = last), event.ctrlKey && (row = visible.length - 1)),
    };
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    } else if (event.key in moves) {
      event.preventDefault();
      moves[event.key]();
      const next = visible[Math.min(Math.max(row, 0), visible.length - 1)];
      linksOf(next)[Math.min(Math.max(column, 0), last)].focus();
    }
  });

  // What a cell opens.

  const copy = async (button, text) => {
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(button.closest("figure").querySelector("pre"));
      if (!document.execCommand("copy")) done = "Selected: press Ctrl+C";
    }
    button.firstChild.textContent = done;
    setTimeout(() => (button.firstChild.textContent = "Copy"), 5000);
  };
  const open = (anchors) => {
    const details = anchors.map((anchor) => document.getElementById(anchor).cloneNode(true));
    for (const detail of details) {
      detail.removeAttribute("id");
      for (const figure of detail.querySelectorAll("figure")) {
        const button = document.createElement("button");
        const text = figure.querySelector("pre").textContent;
        const what = document.createElement("span");
        what.className = "unseen";
        what.textContent = ` ${figure.querySelector("figcaption").textContent}`;
        button.type = "button";
        button.append("Copy", what);
        button.addEventListener("click", () => copy(button, text));
        figure.querySelector("figcaption").append(button);
      }
    }
    document.getElementById("opened").textContent = details[0].querySelector("h3").textContent;
    opened.replaceChildren(...details);
    dialog.showModal();
    dialog.scrollTop = 0;
    history.replaceState(null, "", `#${anchors.join(",")}`); // to share
  };
  dialog.addEventListener("close", () => history.replaceState(null, "", location.pathname + location.search));
  matrix.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const link = cell.querySelector("a");
    link.focus();
    open(link.dataset.details.split(" "));
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });

  // What did not pass everywhere is what most readers come for.

  if (rows.some((row) => "notable" in row.dataset)) document.querySelector("input[value=notable]").checked = true;
  show();
  const linked = location.hash.slice(1).split(",");
  if (linked.every((anchor) => document.getElementById(anchor)?.matches("article"))) open(linked);
}
