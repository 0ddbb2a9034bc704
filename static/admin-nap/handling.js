/* A list of passages that one can search; without this one walks through the list. */

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

for (const list of document.querySelectorAll("select[data-passages]")) {
  const box = document.createElement("div");
  const label = document.createElement("label");
  const input = document.createElement("input");
  box.className = "nap-search";
  input.type = "search";
  input.id = `${list.id}-search`;
  input.autocomplete = "off";
  label.htmlFor = input.id;
  label.textContent = list.dataset.passages;
  box.append(label, input);
  list.before(box);

  // Kept aside and put back, as not every browser hides what is in a list.
  const all = [...list.children];
  const within = all.map((each) => [...each.children]);
  input.addEventListener("input", () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    const chosen = list.value;
    const fits = (option, part = "") =>
      option.value === chosen || words.every((word) => plain(`${part} ${option.text}`).includes(word));
    list.replaceChildren(
      ...all.filter((each, number) => {
        if (each.localName === "option") return fits(each);
        each.replaceChildren(...within[number].filter((option) => fits(option, each.label)));
        return each.children.length > 0;
      }),
    );
    list.value = chosen;
  });
  // Sending the form with Enter would store half a remark.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
