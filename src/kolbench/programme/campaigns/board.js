// Without this the page is whole; with it, people find themselves among thousands.
const field = document.querySelector("#find");
const said = document.querySelector("#found");
const rows = Array.from(document.querySelectorAll("tbody tr"), (row) => [
  row, row.cells[0].textContent, row.cells[1].textContent.toLowerCase(),
]);
const parts = document.querySelectorAll(".part");
field.parentElement.hidden = false;
field.addEventListener("input", () => {
  const wanted = field.value.trim().toLowerCase();
  let found = 0;
  for (const [row, rank, name] of rows) {
    row.hidden = Boolean(wanted) && rank !== wanted && !name.includes(wanted);
    if (!row.hidden) found += 1;
  }
  for (const part of parts) part.hidden = Boolean(wanted) && !part.querySelector("tbody tr:not([hidden])");
  said.textContent = wanted ? said.dataset.text.replace("{n}", found) : "";
});
