// Turns each quiz from readable <details> into a form with feedback. It is written into the
// output itself, so it must stay a small classic script that may run any number of times.
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const number = (text) => {
    let plain = text.replace(/[\s\u2009\u202f_]/g, "").replace(/\u2212/g, "-");
    plain = /^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain) ? plain.replace(/,/g, "") : plain.replace(",", ".");
    // A unit may follow, but no other number: 1/4 is not 1.
    const found = plain.match(/^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\D*$/i);
    return found ? Number(found[1]) : NaN;
  };

  const say = (question, status, verdict, answer) => {
    question.dataset.state = verdict;
    const nodes = [...answer.querySelector(".nn-why").childNodes].map((node) => node.cloneNode(true));
    status.replaceChildren(...nodes);
  };

  const choice = (question, form, status) => {
    const answers = [...question.querySelectorAll("details")];
    const list = make("div", { className: "nn-choices" });
    answers.forEach((answer, index) => {
      const radio = make("input", { type: "radio", name: "answer", value: String(index) });
      radio.addEventListener("change", () => {
        question.removeAttribute("data-state");
        status.replaceChildren();
      });
      // A copy: on paper the answers stand where they were.
      const text = answer.querySelector("summary").cloneNode(true).childNodes;
      list.append(make("label", {}, radio, make("span", {}, ...text)));
      answer.hidden = true;
    });
    form.append(list);
    return () => {
      const chosen = form.querySelector("input:checked");
      if (!chosen) return void (status.textContent = "Choose an answer first.");
      const answer = answers[Number(chosen.value)];
      say(question, status, answer.hasAttribute("data-right") ? "right" : "wrong", answer);
    };
  };

  const typed = (question, form, status) => {
    const answers = [...question.querySelectorAll("details")];
    const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
    input.addEventListener("input", () => {
      question.removeAttribute("data-state");
      status.replaceChildren();
    });
    form.append(make("label", {}, "Your answer: ", input, " " + (question.dataset.unit || "")));
    answers.forEach((answer) => (answer.hidden = true));
    const solution = answers.find((answer) => answer.hasAttribute("data-right"));
    const show = make("button", { type: "button", textContent: "Show the answer" });
    show.addEventListener("click", () => say(question, status, "shown", solution));
    return [() => {
      const value = number(input.value);
      if (Number.isNaN(value)) return void (status.textContent = "Type a number, such as 0.25 or 1e-3.");
      const near = (answer) =>
        Math.abs(value - Number(answer.dataset.value)) <= Number(question.dataset.tolerance) + 1e-12 * Math.abs(value);
      const answer = [solution, ...answers].find(near);
      if (answer) {
        say(question, status, answer === solution ? "right" : "wrong", answer);
        return void (answer === solution && status.prepend("Right: "));
      }
      question.dataset.state = "wrong";
      status.textContent = "Not yet. Work it through once more, or look at the answer.";
    }, show];
  };

  document.querySelectorAll(".nn-question:not([data-ready])").forEach((question) => {
    question.setAttribute("data-ready", "");
    const form = make("form");
    const status = make("div", { className: "nn-feedback" });
    status.setAttribute("role", "status");
    const kind = question.dataset.kind === "number" ? typed : choice;
    const [check, ...more] = [kind(question, form, status)].flat();
    form.append(make("div", { className: "nn-buttons" }, make("button", { type: "submit", textContent: "Check" }), ...more));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      check();
    });
    // Jupyter's notebook shortcuts must not see what is typed here.
    form.addEventListener("keydown", (event) => event.stopPropagation());
    question.append(form, status);
  });
})();
