// Lead each result of Sphinx's search to the section that speaks of it, and show a line of it.
(() => {
  "use strict";
  const query = new URLSearchParams(window.location.search).get("q") || "";
  const words = query.toLowerCase().match(/[\p{Letter}\p{Number}_]+/gu) || [];
  const results = document.getElementById("search-results");
  if (!results || !words.length || !window.nnSections) return;

  const stemmer = new Stemmer();
  const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // A word is found by its stem, at the start of a word: "overfits" in "overfitting".
  const patterns = words.map((word) => {
    const stem = stemmer.stemWord(word);
    const start = word.startsWith(stem) ? stem : word;
    return new RegExp(`(?<![\\p{Letter}\\p{Number}])${escape(start)}[\\p{Letter}]*`, "giu");
  });
  const phrase = new RegExp(words.map(escape).join("[\\s-]+"), "giu");
  const count = (text, pattern) => (text.match(pattern) || []).length;

  // First the whole phrase, then how many of the words, then where and how often.
  function score([, title, text, code]) {
    let found = 0;
    let weight = 0;
    for (const pattern of patterns) {
      const inTitle = count(title, pattern);
      const inText = count(text, pattern);
      const inCode = count(code, pattern);
      found += inTitle + inText > 0 ? 1 : inCode > 0 ? 0.5 : 0;
      weight += 8 * inTitle + Math.min(inText, 8) + Math.min(inCode, 5) / 10;
    }
    const together = words.length > 1 ? count(title, phrase) * 3 + (count(text, phrase) > 0) : 0;
    return found && 1000 * found + 100 * together + weight;
  }

  function best(sections) {
    let winner = null;
    let most = 0;
    for (const section of sections) {
      const value = score(section);
      if (value > most) [winner, most] = [section, value];
    }
    return winner;
  }

  // About 200 letters around the first place, from the start of a sentence or a word.
  function excerpt([, , text, code]) {
    const places = (where) =>
      [words.length > 1 ? where.search(phrase) : -1, ...patterns.map((one) => where.search(one))]
        .filter((place) => place >= 0);
    const source = places(text).length || !places(code).length ? text : code.replace(/\s+/g, " ");
    const place = places(source)[0] ?? 0;
    let start = Math.max(source.lastIndexOf(". ", place) + 2, source.lastIndexOf("? ", place) + 2, 0);
    if (start < 2 || place - start > 90) start = place < 90 ? 0 : source.indexOf(" ", place - 90) + 1;
    let end = source.indexOf(" ", start + 200);
    if (end < 0) end = source.length;
    return (start ? "… " : "") + source.slice(start, end) + (end < source.length ? " …" : "");
  }

  function write(element, text) {
    const spans = patterns.flatMap((one) => [...text.matchAll(one)])
      .sort((a, b) => a.index - b.index);
    let at = 0;
    for (const span of spans) {
      if (span.index < at) continue;
      element.append(text.slice(at, span.index));
      const mark = document.createElement("mark");
      mark.textContent = span[0];
      element.append(mark);
      at = span.index + span[0].length;
    }
    element.append(text.slice(at));
  }

  function lead(item) {
    const link = item.querySelector("a");
    if (!link || item.querySelector(".nn-found")) return;
    const [page, anchor] = link.getAttribute("href").split("#");
    const sections = window.nnSections[page.replace(/\.html$/, "")];
    if (!sections) return;
    // An entry of the glossary has an anchor of its own, and is no section.
    const section = sections.find(([id]) => id === anchor) || best(sections);
    if (!section) return;
    if (!anchor && section !== sections[0]) {
      link.href = `${page}#${section[0]}`;
      link.append(` > ${section[1]}`);
    }
    const line = document.createElement("p");
    line.className = "context nn-found";
    write(line, excerpt(section));
    item.append(line);
  }

  new MutationObserver(() => results.querySelectorAll("ul.search li").forEach(lead))
    .observe(results, { childList: true, subtree: true });
  results.querySelectorAll("ul.search li").forEach(lead);
})();
