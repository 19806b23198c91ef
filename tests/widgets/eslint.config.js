import js from "@eslint/js";

// Each interactive is assembled from several files, so a name may be used in another file than
// the one that declares it: tsc, which sees them together, checks for undefined names.
export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { args: "none", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
];
