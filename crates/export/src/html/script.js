// Filters the findings and sorts the tables; everything can be read without it.
"use strict";
const filter = document.querySelector(".filter");
if (filter) {
  filter.hidden = false;
  const search = filter.querySelector("input[type=search]");
  const shown = filter.querySelector("output");
  const findings = [...document.querySelectorAll("article.finding")];
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set([...filter.querySelectorAll("input:checked")].map((box) => box.value));
    let count = 0;
    for (const finding of findings) {
      const text = finding.textContent.toLowerCase();
      finding.hidden = !severities.has(finding.dataset.severity) || !words.every((word) => text.includes(word));
      if (!finding.hidden) count += 1;
    }
    shown.textContent = `${count} of ${findings.length} shown`;
  };
  filter.addEventListener("input", apply);
  apply();
}
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
      const order = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true });
      body.append(...[...body.rows].sort((a, b) => (rising ? order(a, b) : order(b, a))));
    });
  });
}
