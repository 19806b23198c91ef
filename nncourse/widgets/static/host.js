// Shows interactives on a page without Jupyter: over http and from file:// alike. The modules
// come as text in window.nnModules, because browsers refuse to import files from file://.
(() => {
  "use strict";
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  const loaded = {};
  const load = (name) =>
    (loaded[name] ??= import(
      URL.createObjectURL(new Blob([window.nnModules[name]], { type: "text/javascript" }))
    ).then((module) => module.default));

  const all = [...document.querySelectorAll(".nn-static[data-module]")];
  const read = (element) => JSON.parse(element.querySelector("script[type='application/json']").textContent);
  const nameOf = (element) => {
    try {
      return read(element).state.settings.name;
    } catch {
      return null; // what is wrong is told when it is started
    }
  };
  // Of several figures with one name on a page each has links of its own: the second's is name-2.
  const names = all.map(nameOf).map((name, k, every) => {
    const before = every.slice(0, k).filter((one) => one === name).length;
    return before ? `${name}-${before + 1}` : name;
  });

  const start = async (element) => {
    const box = document.createElement("div");
    try {
      const data = read(element);
      data.state.settings.name = names[all.indexOf(element)];
      for (const [key, value] of Object.entries(data.buffers || {})) data.state[key] = bytes(value);
      const state = { ...data.state, page: true };
      const front = await load(data.module);
      element.append(box);
      // Of a Jupyter widget model there is the state alone: no kernel answers here.
      await front.render({ model: { get: (key) => state[key] }, el: box });
      element.dataset.ready = "1"; // the still picture is hidden, and kept for paper
    } catch (error) {
      // The still picture stays; the reader is told, and the console has the cause.
      box.remove();
      element.dataset.error = String(error);
      const note = document.createElement("p");
      note.textContent = "This figure could not be made interactive here; the still picture remains.";
      element.append(note);
      console.error(error);
    }
  };

  // A link to a figure's state leads to the figure, wherever on the page that is.
  const follow = async () => {
    const name = new URLSearchParams(location.hash.slice(1)).get("figure");
    const wanted = name && all[names.indexOf(name)];
    if (!wanted) return;
    await (wanted.started ??= start(wanted));
    wanted.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  // Formulas and figures above move it until all is loaded.
  follow().then(() => document.readyState === "complete" || addEventListener("load", follow));
  if (!("IntersectionObserver" in window)) return void all.forEach((element) => (element.started ??= start(element)));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        entry.target.started ??= start(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  all.forEach((element) => seen.observe(element));
})();
