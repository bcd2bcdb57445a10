// httpyac calls the body of an answer `signIn`, VS Code REST Client `signIn.response.body`: with this, both are right.
module.exports = {
  configureHooks: (api) => {
    api.hooks.onResponse.addHook('answers by the names of REST Client', ({ parsedBody: body }) => {
      if (body) Object.defineProperty(body, 'response', { value: { body } });
    });
  },
};
