"""Small automatic changes of a solution: each gives a program that is probably wrong."""

import ast
import copy

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
         ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
         ast.BitOr: ast.BitAnd}
COMPARE = {ast.Gt: (ast.GtE, ast.Lt), ast.Lt: (ast.LtE, ast.Gt), ast.GtE: (ast.Gt, ast.LtE),
           ast.LtE: (ast.Lt, ast.GtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
           ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,)}
NAMES = [("maximum", "minimum"), ("sum", "mean"), ("max", "min"), ("argmax", "argmin"),
         ("zeros", "ones"), ("zeros_like", "ones_like"), ("floor", "ceil"), ("exp", "expm1"),
         ("log", "log1p"), ("sqrt", "square"), ("any", "all"), ("abs", "negative"),
         ("tanh", "sinh"), ("dot", "multiply"), ("sum", "prod"), ("append", "insert")]


def mutants(source: str, arrays: dict[str, set[str]]) -> list[tuple[str, str]]:
    """All mutants of one cell as (what was done, source); ``arrays``: array arguments by function.

    Only functions are touched, and of them neither docstring nor signature.
    """
    tree = ast.parse(source)
    found, seen = [], {ast.unparse(tree)}
    for function in _functions(tree):
        for description, mutate in _sites(function, arrays.get(function.name, set())):
            mutated = _apply(tree, function, mutate)
            text = ast.unparse(ast.fix_missing_locations(mutated))
            if text not in seen:
                seen.add(text)
                found.append((f"{function.name}: {description}", text))
    return found


def _functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]


def _apply(tree, function, mutate):
    """A copy of the tree with one site changed."""
    place = _functions(tree).index(function)
    mutated = copy.deepcopy(tree)
    mutate(_functions(mutated)[place])
    return mutated


def _body(function):
    """Nodes of a function but its docstring and signature, in a fixed order."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return [n for s in body for n in ast.walk(s)]


def _sites(function, arrays):
    """Pairs of a description and a function that mutates a copy in place."""
    for place, node in enumerate(_body(function)):
        before = _short(node)
        for new in _replacements(node):
            def mutate(copied, place=place, new=new):
                _replace(copied, _body(copied)[place], copy.deepcopy(new))
            yield f"`{before}` -> `{_short(new)}`", mutate
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
            def remove(copied, place=place):
                _replace(copied, _body(copied)[place], ast.Pass())
            yield f"`{before}` removed", remove
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _returns(node, place, arrays)


def _short(node) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _returns(node, place, arrays):
    """Mutants of a return: input changed on the way out, whole numbers."""
    for name in sorted(arrays):
        code = (f"if 1:\n    result_ = {ast.unparse(node.value)}\n    {name}.fill(7)\n"
                "    return result_")

        def spoil(copied, code=code):
            _replace(copied, _body(copied)[place], ast.parse(code).body[0])

        yield f"`{name}` overwritten before `{_short(node)}`", spoil
    if not isinstance(node.value, (ast.Tuple, ast.Constant)):
        def whole(copied):
            target = _body(copied)[place]
            target.value = ast.parse(
                f"np.asarray({ast.unparse(target.value)}).astype(np.int64)").body[0].value

        yield f"`{_short(node)}` as whole numbers", whole


def _replacements(node):
    """Other nodes that could stand in a node's place."""
    changed = copy.deepcopy(node)
    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPS:
            changed.op = SWAPS[type(node.op)]()
            yield changed
        if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
            yield ast.BinOp(node.right, node.op, node.left)
        if not isinstance(node.op, ast.MatMult):
            yield node.left
    elif isinstance(node, ast.AugAssign):
        if type(node.op) in SWAPS:
            changed.op = SWAPS[type(node.op)]()
            yield changed
        target = copy.deepcopy(node.target)
        yield ast.Assign([target], node.value, lineno=1)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for op in COMPARE[type(node.ops[0])]:
            yield ast.Compare(node.left, [op()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Attribute):
        yield from _attributes(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        for i in range(len(node.elts) - 1):
            elts = list(node.elts)
            elts[i], elts[i + 1] = elts[i + 1], elts[i]
            yield ast.Tuple(elts, ast.Load())
    elif isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                changed = copy.deepcopy(node)
                setattr(changed, part, None)
                yield changed
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse


def _constants(node):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)
        yield ast.Constant(-value)


def _attributes(node):
    if node.attr in ("T", "mT"):
        yield node.value
    for one, other in NAMES:
        for old, new in ((one, other), (other, one)):
            if node.attr == old:
                yield ast.Attribute(node.value, new, node.ctx)


def _calls(node):
    for i in range(len(node.args) - 1):
        if not any(isinstance(a, ast.Starred) for a in node.args):
            args = list(node.args)
            args[i], args[i + 1] = args[i + 1], args[i]
            yield ast.Call(node.func, args, node.keywords)
    for i, keyword in enumerate(node.keywords):
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
        if keyword.arg == "axis":
            other = 0 if getattr(keyword.value, "value", None) == 1 else 1
            yield ast.Call(node.func, node.args, [
                *node.keywords[:i], ast.keyword("axis", ast.Constant(other)),
                *node.keywords[i + 1 :]])


class _Swap(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def _replace(function, old, new):
    _Swap(old, new).visit(function)
