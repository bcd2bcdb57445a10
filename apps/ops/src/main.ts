console.log('npm run ops');
