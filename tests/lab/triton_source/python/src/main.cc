// The module libtriton: which LLVM it was built with, and what it knows of which arch.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "TargetUtils.h"

static PyObject *names(PyObject *, PyObject *) {
  PyObject *made = PyTuple_New(arch_count);
  for (int at = 0; made && at < arch_count; ++at)
    PyTuple_SET_ITEM(made, at, PyUnicode_FromString(archs[at].name));
  return made;
}

static PyObject *target(PyObject *, PyObject *arch) {
  char const *name = PyUnicode_AsUTF8(arch);
  if (!name)
    return nullptr;
  ISAFamily const family = family_of(name);
  if (family == ISAFamily::Unknown)
    return PyErr_Format(PyExc_RuntimeError, "unsupported target: '%s'", name);
  return Py_BuildValue("iN", warp_size(family), PyBool_FromLong(has_dot(family)));
}

static PyMethodDef methods[] = {
    {"archs", names, METH_NOARGS, "The archs that it knows."},
    {"target", target, METH_O, "How wide an arch's waves are, and whether it has dot products."},
    {nullptr, nullptr, 0, nullptr},
};

static PyModuleDef libtriton = {
    PyModuleDef_HEAD_INIT, "libtriton", "regraft lab: a stand-in", -1, methods, nullptr, nullptr,
    nullptr, nullptr,
};

PyMODINIT_FUNC PyInit_libtriton() {
  PyObject *made = PyModule_Create(&libtriton);
  if (made && (PyModule_AddStringConstant(made, "llvm", llvm_hash()) < 0 ||
               PyModule_AddIntConstant(made, "table_size", long(table_size())) < 0)) {
    Py_DECREF(made);
    return nullptr;
  }
  return made;
}
